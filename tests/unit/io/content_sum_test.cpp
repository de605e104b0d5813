#include "sseg/io/content_sum.hpp"

#include <set>
#include <string>
#include <vector>

#include "support/catch.hpp"

namespace content_sum_test {

using namespace sseg;

namespace {

SafeTensors contents() {
  SafeTensors file;
  file.metadata = {{"kind", "test"}, {"sum", "apart"}};
  const std::vector<float> a{1, 2, 3, 4, 5, 6};
  const std::vector<std::uint8_t> b{1, 2, 3};
  file.put("a", {2, 3}, std::span<const float>(a));
  file.put("b", {3}, std::span<const std::uint8_t>(b));
  return file;
}

template <class Change>
std::string sum_after(Change&& change) {
  SafeTensors file = contents();
  change(file);
  return content_sum(file, "sum");
}

}  // namespace

TEST_CASE("A content sum is that of the same contents, also through a file, and leaves its own entry out") {
  const std::string sum = content_sum(contents(), "sum");
  CHECK(sum.size() == 16);
  CHECK(sum == content_sum(SafeTensors::from_bytes(contents().to_bytes(), "memory"), "sum"));
  CHECK(sum == sum_after([](SafeTensors& f) { f.metadata["sum"] = "another"; }));
  CHECK(sum == sum_after([](SafeTensors& f) { f.metadata.erase("sum"); }));
}

TEST_CASE("A content sum is the same on every machine and in every version") {
  CHECK(content_sum(contents(), "sum") == "8c197794643f988e");
}

TEST_CASE("A content sum sees names, shapes, element types, every bit and where a text ends") {
  const std::vector<float> same{1, 2, 3, 4, 5, 6};
  std::set<std::string> sums{content_sum(contents(), "sum")};
  std::size_t changes = 1;
  const auto is_new = [&](auto&& change) {
    sums.insert(sum_after(change));
    CHECK(sums.size() == ++changes);
  };
  is_new([](SafeTensors& f) { f.metadata["kind"] = "tesT"; });
  is_new([](SafeTensors& f) { f.metadata = {{"kindt", "est"}}; });
  is_new([](SafeTensors& f) { f.metadata["kind"] += '\0'; });
  is_new([](SafeTensors& f) { f.metadata["more"] = ""; });
  is_new([&](SafeTensors& f) { f.put("a", {3, 2}, std::span<const float>(same)); });
  is_new([&](SafeTensors& f) { f.put("a2", {2, 3}, std::span<const float>(same)); });
  is_new([](SafeTensors& f) { f.put_bytes("a", "I32", {2, 3}, contents().at("a").bytes.span()); });
  for (Index byte = 0; byte < 24; byte += 5)
    for (int bit = 0; bit < 8; ++bit)
      is_new([&](SafeTensors& f) {
        SafeTensor t = f.at("a");
        t.bytes[byte] ^= static_cast<std::uint8_t>(1 << bit);
        f.put_bytes("a", "F32", t.shape, t.bytes.span());
      });
}

}  // namespace content_sum_test
