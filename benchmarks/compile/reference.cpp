// Nothing of this library: standard C++ whose compile time is the unit in which budgets count the others'.
#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <numeric>
#include <regex>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

namespace {

template <int I>
struct Tag {
  int value = I;
  friend bool operator<(const Tag& a, const Tag& b) { return a.value < b.value; }
};

template <int I>
std::size_t work(const std::string& text) {
  std::map<Tag<I>, std::vector<std::string>> words;
  const std::regex word("[a-z]+|[0-9]{2,}");
  for (std::sregex_iterator i(text.begin(), text.end(), word), end; i != end; ++i) words[Tag<I>{}].push_back(i->str());
  std::vector<std::variant<int, std::string, Tag<I>>> mixed{I, text, Tag<I>{}};
  std::sort(words[Tag<I>{}].begin(), words[Tag<I>{}].end(), std::greater<>{});
  std::unordered_map<std::string, std::function<std::size_t()>> calls;
  calls[text] = [&] { return words.size() + mixed.size(); };
  return calls[text]();
}

template <int... I>
std::size_t all(const std::string& text, std::integer_sequence<int, I...>) {
  return (work<I>(text) + ...);
}

}  // namespace

int main(int argc, char** argv) {
  std::cout << all(argc > 1 ? argv[1] : "abc 123", std::make_integer_sequence<int, 4>{}) << '\n';
}
