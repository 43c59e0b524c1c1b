# find_package(mapveil CONFIG PATHS <this folder>): the library is built from its sources, by the
# compiler and with the flags of the project that asks for it.
if(NOT COMMAND mapveil_add_core)
  add_subdirectory("${CMAKE_CURRENT_LIST_DIR}" "${CMAKE_BINARY_DIR}/mapveil")
endif()
