// What the native peers have in common: a line protocol over stdin and stdout.
//
//   load PATH                         the variants of an input           ok VARIANTS
//   run OP ARGS... FIRST_TURN COUNT   so many runs, timed one by one     ok NS NS NS ...
//   output OP ARGS... VARIANT PATH    what OP makes of a variant         ok BYTES
//   quit
//
// Whatever goes wrong is answered by "error MESSAGE"; the process goes on. A file of variants holds
// their number as u32, the length of each in bytes as u32, then the variants, all little-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace peer {

using Bytes = std::vector<std::uint8_t>;
using Variants = std::vector<Bytes>;
using Args = std::vector<std::string>;

// An operation with its arguments, over the variants that are loaded. Making it brings them into the
// library's own form, untimed.
class Task {
 public:
  virtual ~Task() = default;
  // What is timed. Keeps its result, so that no compiler leaves it out.
  virtual void run(std::size_t variant) = 0;
  // Runs, and returns the result as the bench verifies it.
  virtual Bytes output(std::size_t variant) = 0;
};

struct Op {
  std::size_t args;
  std::function<std::unique_ptr<Task>(const Args&, const Variants&)> make;
};

// Answers stdin until "quit" or its end; returns the exit code.
int serve(const std::map<std::string, Op>& ops);

// A number within bounds; throws std::invalid_argument.
double number(const std::string& text, double low, double high);
std::size_t whole(const std::string& text, std::size_t low, std::size_t high);

// The bytes of a variant as numbers; throws std::invalid_argument unless it is made of records of
// `width` of them.
template <typename T>
std::vector<T> numbers(const Bytes& bytes, std::size_t width);

// The bytes of numbers.
template <typename T>
Bytes bytes_of(const T* values, std::size_t count) {
  const auto* first = reinterpret_cast<const std::uint8_t*>(values);
  return Bytes(first, first + count * sizeof(T));
}

}  // namespace peer
