#include "serve.hpp"

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

namespace peer {
namespace {

constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kVariantsMax = 64;
constexpr std::size_t kVariantBytesMax = std::size_t{1} << 30;
constexpr std::size_t kRunsMax = 1'000'000;

class Server {
 public:
  explicit Server(const std::map<std::string, Op>& ops) : ops_(ops) {}

  std::string answer(const Args& words) {
    if (words.empty()) throw std::invalid_argument("an empty line");
    if (words[0] == "load" && words.size() == 2) return load(words[1]);
    if (words[0] == "run" && words.size() >= 4) return run(words);
    if (words[0] == "output" && words.size() >= 4) return output(words);
    throw std::invalid_argument("not a command: " + words[0]);
  }

 private:
  std::string load(const std::string& path) {
    tasks_.clear();
    variants_.clear();
    std::ifstream file(path, std::ios::binary);
    const auto count = read_u32(file);
    if (count == 0 || count > kVariantsMax) throw std::invalid_argument("so many variants: no");
    Variants loaded(count);
    std::vector<std::size_t> lengths(count);
    for (auto& length : lengths) length = read_u32(file);
    for (std::size_t i = 0; i < count; i++) {
      if (lengths[i] > kVariantBytesMax) throw std::invalid_argument("a variant that is too long");
      loaded[i].resize(lengths[i]);
      file.read(reinterpret_cast<char*>(loaded[i].data()),
                static_cast<std::streamsize>(lengths[i]));
    }
    if (!file) throw std::invalid_argument("a file of variants that is cut short: " + path);
    variants_ = std::move(loaded);
    return std::to_string(count);
  }

  std::string run(const Args& words) {
    const auto count = whole(words.back(), 0, kRunsMax);
    const auto first = whole(words[words.size() - 2], 0, SIZE_MAX / 2);
    Task& task = task_of(words);
    std::vector<std::int64_t> samples(count);
    for (std::size_t i = 0; i < count; i++) {
      const auto variant = (first + i) % variants_.size();
      const auto start = std::chrono::steady_clock::now();
      task.run(variant);
      const auto end = std::chrono::steady_clock::now();
      samples[i] = std::chrono::duration_cast<std::chrono::nanoseconds>(end - start).count();
    }
    std::string text;
    for (const auto sample : samples) text += (text.empty() ? "" : " ") + std::to_string(sample);
    return text;
  }

  std::string output(const Args& words) {
    Task& task = task_of(words);
    const auto variant = whole(words[words.size() - 2], 0, variants_.size() - 1);
    const Bytes bytes = task.output(variant);
    std::ofstream file(words.back(), std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file) throw std::runtime_error("cannot write " + words.back());
    return std::to_string(bytes.size());
  }

  // The task of a line "COMMAND OP ARGS... A B", made once.
  Task& task_of(const Args& words) {
    const auto op = ops_.find(words[1]);
    if (op == ops_.end()) throw std::invalid_argument("no such operation: " + words[1]);
    if (variants_.empty()) throw std::invalid_argument("nothing is loaded");
    const Args args(words.begin() + 2, words.end() - 2);
    if (args.size() != op->second.args) throw std::invalid_argument("another number of arguments");
    std::string key = words[1];
    for (const auto& arg : args) key += " " + arg;
    auto& task = tasks_[key];
    if (!task) task = op->second.make(args, variants_);
    return *task;
  }

  static std::uint32_t read_u32(std::ifstream& file) {
    std::uint8_t b[4] = {};
    file.read(reinterpret_cast<char*>(b), 4);
    if (!file) throw std::invalid_argument("a file of variants that cannot be read");
    return b[0] | (b[1] << 8) | (b[2] << 16) | (static_cast<std::uint32_t>(b[3]) << 24);
  }

  const std::map<std::string, Op>& ops_;
  Variants variants_;
  std::map<std::string, std::unique_ptr<Task>> tasks_;
};

// One line whatever the message holds.
std::string one_line(std::string text) {
  for (auto& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

}  // namespace

int serve(const std::map<std::string, Op>& ops) {
  Server server(ops);
  std::string line;
  while (std::getline(std::cin, line) && line != "quit") {
    try {
      if (line.size() > kLineMax) throw std::invalid_argument("a line that is too long");
      std::istringstream stream(line);
      Args words;
      for (std::string word; stream >> word;) words.push_back(word);
      const auto answer = server.answer(words);
      std::cout << "ok " << answer << std::endl;
    } catch (const std::exception& error) {
      std::cout << "error " << one_line(error.what()) << std::endl;
    }
  }
  return 0;
}

double number(const std::string& text, double low, double high) {
  std::size_t used = 0;
  double value = NAN;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
  }
  if (used != text.size() || !(value >= low && value <= high)) {
    throw std::invalid_argument("not a number in range: " + text);
  }
  return value;
}

std::size_t whole(const std::string& text, std::size_t low, std::size_t high) {
  std::size_t used = 0;
  unsigned long long value = 0;
  try {
    if (!text.empty() && text[0] >= '0' && text[0] <= '9') value = std::stoull(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || value < low || value > high) {
    throw std::invalid_argument("not a whole number in range: " + text);
  }
  return static_cast<std::size_t>(value);
}

template <typename T>
std::vector<T> numbers(const Bytes& bytes, std::size_t width) {
  if (bytes.empty() || bytes.size() % (width * sizeof(T)) != 0) {
    throw std::invalid_argument("a variant that is not made of whole records");
  }
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

template std::vector<float> numbers<float>(const Bytes&, std::size_t);
template std::vector<std::int32_t> numbers<std::int32_t>(const Bytes&, std::size_t);

}  // namespace peer
