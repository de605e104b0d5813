#include "sseg/io/pickle.hpp"

#include <string>
#include <vector>

#include "sseg/core/rng.hpp"
#include "support/catch.hpp"
#include "unit/io/contains.hpp"
#include "unit/io/message_of.hpp"
#include "unit/io/pickle_maker.hpp"
#include "unit/io/real_pickles.hpp"

namespace pickle_test {

using sseg::Index;
using sseg::Pickle;
using sseg::PickleLimits;
using sseg::PickleValue;
using sseg_test::Contains;
using sseg_test::ends_well;
using sseg_test::message_of;
using sseg_test::py_array;
using sseg_test::py_dict;
using sseg_test::py_int;
using sseg_test::py_ints;
using sseg_test::py_list;
using sseg_test::py_pickle;
using sseg_test::py_str;
using sseg_test::py_tuple;

namespace {

std::string refusal(const std::string& bytes, const PickleLimits& limits = {}) {
  return message_of([&] { const Pickle pickle(bytes, "a.pkl", limits); });
}

std::vector<Index> integers(const sseg::PickleArray& array) {
  std::vector<Index> all;
  for (Index i = 0; i < array.count(); ++i) all.push_back(array.integer(i).value());
  return all;
}

/// A pickle of one whole number, text or other value without parts.
template <class T>
T read(const std::string& bytes) {
  const Pickle pickle(bytes, "a.pkl");
  return std::get<T>(pickle.root().value);
}

using namespace std::string_literals;

}  // namespace

TEST_CASE("pickles of Python 3 with numpy 1 and 2 are read in every protocol") {
  for (const auto& real : sseg_test::real_pickles) {
    INFO(real.by);
    const std::string bytes = sseg_test::from_hex(real.hex);
    const Pickle pickle(bytes, "a.pkl");
    const PickleValue& v = pickle.root();
    REQUIRE(v.dict() != nullptr);
    CHECK(v.dict()->items.size() == 8);

    const auto* data = v.find("data")->array();
    REQUIRE(data != nullptr);
    CHECK(data->dtype == "|u1");
    CHECK(data->shape == std::vector<Index>{2, 3});
    CHECK(data->c_order());
    CHECK(integers(*data) == std::vector<Index>{0, 1, 2, 250, 251, 255});

    const auto* labels = v.find("labels")->list();
    REQUIRE(labels != nullptr);
    REQUIRE(labels->items.size() == 3);
    CHECK(labels->items[0]->integer() == 3);
    CHECK(labels->items[1]->integer() == 300);
    CHECK(labels->items[2]->integer() == -1);
    CHECK(v.find("names")->list()->items[0]->text() == "\u00e9\n");
    CHECK(std::get<PickleValue::Bytes>(v.find("raw")->value).bytes == "\xff\n\\");
    CHECK(std::get<double>(v.find("x")->value) == 0.5);
    CHECK(std::get<bool>(v.find("yes")->value));
    CHECK(v.find("none")->kind() == "None");
    CHECK(v.find("absent") == nullptr);

    const auto* order = v.find("order")->array();
    CHECK(order->dtype == ">i2");
    CHECK(order->stride == std::vector<Index>{1, 2});
    CHECK_FALSE(order->c_order());
    CHECK(integers(*order) == std::vector<Index>{1, 3, 2, 4});
  }
}

TEST_CASE("pickles of Python 2 are read and their large arrays are not copied") {
  const std::string bytes = py_pickle(py_dict({{py_str("fine_labels"), py_ints({7, -70000})},
                                               {py_str("data"), py_array({2, 2}, std::string("\0\x01\xfe\xff", 4))},
                                               {py_str("wide"), py_array({1}, "\xfe\xff\xff\xff", "i4")}}));
  const Pickle pickle(bytes, "train");
  CHECK(pickle.root().find("fine_labels")->list()->items[1]->integer() == -70000);
  const auto* data = pickle.root().find("data")->array();
  CHECK(integers(*data) == std::vector<Index>{0, 1, 254, 255});
  CHECK(data->bytes.data() > bytes.data());
  CHECK(data->bytes.data() < bytes.data() + bytes.size());
  CHECK(integers(*pickle.root().find("wide")->array()) == std::vector<Index>{-2});
}

TEST_CASE("whole numbers of all pickle opcodes have their value") {
  using Int = std::int64_t;
  CHECK(read<Int>("K\xff.") == 255);
  CHECK(read<Int>("M\xff\xff.") == 65535);
  CHECK(read<Int>("J\xff\xff\xff\xff.") == -1);
  CHECK(read<Int>("I-12\n.") == -12);
  CHECK(read<Int>("L123456789012L\n.") == 123456789012);
  CHECK(read<Int>("\x8a\x00."s) == 0);
  CHECK(read<Int>("\x8a\x01\x80.") == -128);
  CHECK(read<Int>("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.") == std::numeric_limits<Int>::max());
  CHECK(read<Int>("\x8b\x02\x00\x00\x00\x00\x01."s) == 256);
  CHECK(read<bool>("I01\n."));
  CHECK_FALSE(read<bool>("\x89."));
  CHECK(read<double>("F-1.5e3\n.") == -1500);
  CHECK(read<double>("G\x3f\xf8\x00\x00\x00\x00\x00\x00."s) == 1.5);
  CHECK_THAT(refusal("\x8a\x09\x01\x01\x01\x01\x01\x01\x01\x01\x01."), Contains("beyond 64 bits") && Contains("LONG1"));
  CHECK_THAT(refusal("L99999999999999999999L\n."), Contains("out of range"));
  CHECK_THAT(refusal("I1x\n."), Contains("not a number: '1x'"));
}

TEST_CASE("texts of all pickle opcodes have their characters") {
  using Bytes = PickleValue::Bytes;
  const auto text = [](const std::string& bytes) {
    const Pickle pickle(bytes, "a.pkl");
    return std::string(pickle.root().text().value());
  };
  CHECK(text("S'a\\'\\x00\\xff\\n\\\\'\n.") == "a'\0\xff\n\\"s);
  CHECK(text("S\"it's\"\n.") == "it's");
  CHECK(text("V\xe9\\u20ac\\U0001F600\\\\n\n.") == "\u00e9\u20ac\U0001F600\\\\n");
  CHECK(text("U\x02hi.") == "hi");
  CHECK(text("\x8c\x02hi.") == "hi");
  CHECK(text("\x8d\x02\0\0\0\0\0\0\0hi."s) == "hi");
  CHECK(text("\x96\x02\0\0\0\0\0\0\0hi."s) == "hi");
  CHECK(text("c_codecs\nencode\n(V\xff\\u000a\nVlatin1\ntR.") == "\xff\n");
  CHECK(text("c__builtin__\nbytes\n)R.") == "");
  for (const std::string line : {"'", "'a", "a", "'\\'", "'\\x4'", "'\\q'", ""})
    CHECK_THAT(refusal("S" + line + "\n."), Contains("not written as Python writes it") && Contains("opcode STRING"));
  for (const std::string line : {"\\u12", "\\U00110000", "\\uxyzw"})
    CHECK_THAT(refusal("V" + line + "\n."), Contains("not written as Python writes it"));
  CHECK_THAT(refusal("c_codecs\nencode\n(V\\u0100\nVlatin1\ntR."), Contains("no Latin-1"));
  CHECK_THAT(refusal("c_codecs\nencode\n(Va\nVrot13\ntR."), Contains("encoding 'rot13'"));
  CHECK(std::holds_alternative<Bytes>(Pickle("C\x01x.", "a.pkl").root().value));
}

TEST_CASE("a pickle that names code is refused by the name of it") {
  for (const std::string call : {"cos\nsystem\n(S'echo'\ntR.", "(ios\nsystem\n.", "\x8c\x02os\x8c\x06system\x93)R."})
    CHECK_THAT(refusal(call),
               Contains("the pickle calls os.system") && Contains("no code is run") && Contains("a.pkl"));
  CHECK_THAT(refusal("cbuiltins\neval\n."), Contains("builtins.eval") && Contains("byte 0, opcode GLOBAL"));
  CHECK_THAT(refusal("cnumpy.core\nmultiarray.scalar\n."), Contains("numpy.core.multiarray.scalar"));
  CHECK_THAT(refusal("cos\x1b[31m\nsystem\n."), Contains("calls os?[31m.system"));
  CHECK_THAT(refusal("cnumpy\nndarray\n)R."), Contains("calls numpy.ndarray"));
  CHECK_THAT(refusal("cnumpy\ndtype\n)\x81."), Contains("object of a class"));
  CHECK_THAT(refusal("Pabc\n."), Contains("outside of it") && Contains("PERSID"));
  CHECK_THAT(refusal("\x82\x01."), Contains("registered number"));
  CHECK_THAT(refusal("\x8f."), Contains("holds a set"));
  CHECK_THAT(refusal("\x97."), Contains("buffers outside"));
  CHECK_THAT(refusal("K\x01)R."), Contains("no function"));
  CHECK_THAT(refusal("}}b."), Contains("sets the state of a dict"));
}

TEST_CASE("a damaged pickle is refused with the place") {
  CHECK_THAT(refusal(""), Contains("without its STOP") && Contains("byte 0"));
  CHECK_THAT(refusal("hello"), Contains("the memo has no entry 101") && Contains("opcode BINGET"));
  CHECK_THAT(refusal("\x80\x06N."), Contains("protocol 6"));
  CHECK_THAT(refusal("\xff."), Contains("no opcode has the number 255"));
  CHECK_THAT(refusal("T\xff\xff\xff\xff."), Contains("a length of -1"));
  CHECK_THAT(refusal("\x8e\xff\xff\xff\xff\xff\xff\xff\xff."),
             Contains("claims 18446744073709551615 bytes, and 1 are"));
  CHECK_THAT(refusal("\x95\x09\0\0\0\0\0\0\0N."s), Contains("claims 9 bytes, and 2 are"));
  CHECK_THAT(refusal("Nt."), Contains("a mark that is not there"));
  CHECK_THAT(refusal("."), Contains("empty stack"));
  CHECK(refusal("N(0.").empty());
  CHECK_THAT(refusal("N(K\x01q\x00\x31K\x02(a."s), Contains("empty stack") && Contains("APPEND"));
  CHECK_THAT(refusal("}(K\x01u."), Contains("a key without its value"));
  CHECK_THAT(refusal(")K\x01"
                     "a."),
             Contains("appends to a tuple"));
  CHECK_THAT(refusal("]K\x01K\x01s."), Contains("sets an item of a list"));
  CHECK_THAT(refusal("r\xff\xff\xff\xff."), Contains("memo entry 4294967295") && Contains("LONG_BINPUT"));
  CHECK_THAT(refusal("Nr\xff\xff\xff\xff."), Contains("memo entry 4294967295"));
  CHECK_THAT(refusal("j\x05\0\0\0."s), Contains("the memo has no entry 5"));
  CHECK_THAT(refusal("Nabc"), Contains("empty stack") && Contains("byte 1"));
}

TEST_CASE("an array that does not fit its bytes is refused") {
  CHECK(refusal(py_pickle(py_array({2, 3}, "abcdef"))).empty());
  CHECK_THAT(refusal(py_pickle(py_array({2, 3}, "abcde"))), Contains("needs 6 bytes, and has 5"));
  CHECK_THAT(refusal(py_pickle(py_array({2}, "abcdef", "i8"))), Contains("needs 16 bytes, and has 6"));
  CHECK_THAT(refusal(py_pickle(py_array({-1}, ""))), Contains("no list of sizes"));
  const Index huge = 2'000'000'000;
  CHECK_THAT(refusal(py_pickle(py_array({huge, huge, huge}, "abc"))), Contains("too large to count"));
  CHECK_THAT(refusal(py_pickle(py_array({huge, huge, huge, 0}, ""))), Contains("too large to count"));
  CHECK(refusal(py_pickle(py_array({0, huge}, ""))).empty());
  CHECK_THAT(refusal(py_pickle(py_array({1}, "a", "O8"))), Contains("dtype 'O8'") && Contains("Python objects"));
  CHECK_THAT(refusal(py_pickle(py_array({1}, "a", "u3"))), Contains("dtype 'u3'"));
  CHECK_THAT(refusal(py_pickle(py_array(std::vector<Index>(33, 1), "a"))), Contains("an array is made of"));
}

TEST_CASE("an array in any order of its axes has strides") {
  const auto from_buffer = [](const std::string& axes) {
    return "cnumpy._core.numeric\n_frombuffer\n" +
           py_tuple({py_str("abcdef"), "cnumpy\ndtype\n" + py_tuple({py_str("u1")}) + "R",
                     py_tuple({py_int(2), py_int(3), py_int(1)}), py_str("K"), axes}) +
           "R.";
  };
  const std::string bytes = from_buffer(py_tuple({py_int(1), py_int(2), py_int(0)}));
  const Pickle pickle(bytes, "a.pkl");
  CHECK(pickle.root().array()->shape == std::vector<Index>{3, 1, 2});
  CHECK(pickle.root().array()->stride == std::vector<Index>{1, 1, 3});
  for (const auto& axes : {py_tuple({py_int(1), py_int(1), py_int(0)}), py_tuple({py_int(0)}), std::string("N"),
                           py_tuple({py_int(0), py_int(1), py_int(3)})})
    CHECK_THAT(refusal(from_buffer(axes)), Contains("in no order"));
}

TEST_CASE("a value in itself and lists too deep in one another are refused") {
  CHECK_THAT(refusal("]q\x01h\x01"
                     "a."),
             Contains("part of itself"));
  CHECK_THAT(refusal("]q\x01}K\x01h\x01sa."), Contains("part of itself"));
  const auto nested = [](std::size_t depth) { return std::string(depth, ']') + std::string(depth - 1, 'a') + "."; };
  CHECK(refusal(nested(64)).empty());
  CHECK_THAT(refusal(nested(65)), Contains("more than 64 deep"));
  CHECK_THAT(refusal(nested(1'000'000)), Contains("more than 64 deep"));
  CHECK(refusal("](]q\x01h\x01h\x01"
                "e.")
            .empty());  // the same list three times is no circle

  std::string laughs = "]q\x00"s;  // each list holds the one before ten times: 10^40 leaves, 41 lists
  for (char level = 0; level < 40; ++level) {
    laughs += "](";
    for (int i = 0; i < 10; ++i) laughs += std::string("h") + level;
    laughs += std::string("eq") + static_cast<char>(level + 1);
  }
  CHECK(refusal(laughs + ".").empty());
}

TEST_CASE("a pickle that asks for too much is refused") {
  CHECK_THAT(refusal(std::string(100, 'N') + ".", {.steps = 100}), Contains("more than 100 steps"));
  CHECK(refusal(std::string(99, 'N') + ".", {.steps = 100}).empty());
  // A small pickle that turns one text into bytes again and again.
  std::string copies = "X" + sseg_test::py_length(1000) + std::string(1000, 'x') + "q\x01" +
                       "0c_codecs\nencode\nq\x02"
                       "0";
  for (int i = 0; i < 100; ++i) copies += "h\x02(h\x01U\x06latin1tR0";
  CHECK_THAT(refusal(copies + "N."), Contains("far longer than the pickle"));
  // A small pickle that makes a dict of one long list again and again.
  std::string dicts = "](" + std::string(1000, ')') +
                      "eq\x01"
                      "0ccollections\nOrderedDict\nq\x02"
                      "0";
  for (int i = 0; i < 100; ++i) dicts += "h\x02(h\x01tR0";
  CHECK_THAT(refusal(dicts + "N."), Contains("no pairs"));
  std::string pairs = "](";
  for (int i = 0; i < 1000; ++i) pairs += "NN\x86";
  pairs +=
      "eq\x01"
      "0ccollections\nOrderedDict\nq\x02"
      "0";
  for (int i = 0; i < 100; ++i) pairs += "h\x02(h\x01tR0";
  CHECK_THAT(refusal(pairs + "N.", {.steps = 10'000}), Contains("more than 10000 steps"));
}

TEST_CASE("every cut and every flipped bit of a real pickle ends in a value or an error") {
  for (const auto& real : sseg_test::real_pickles) {
    const std::string bytes = sseg_test::from_hex(real.hex);
    for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(refusal(bytes.substr(0, n)).empty());
    bool well = true;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
      well = well && ends_well([&] { const Pickle pickle(flipped, "a.pkl"); });
    }
    CHECK(well);
  }
}

}  // namespace pickle_test
