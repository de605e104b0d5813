#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sseg/core/shape.hpp"
#include "sseg/io/pickle_calls.hpp"
#include "sseg/io/pickle_cursor.hpp"
#include "sseg/io/pickle_limits.hpp"
#include "sseg/io/pickle_nesting.hpp"
#include "sseg/io/pickle_opcode.hpp"
#include "sseg/io/pickle_text.hpp"
#include "sseg/io/pickle_value.hpp"

namespace sseg::detail {

/// Runs the opcodes of a pickle on a stack of values, with marks in it, and a memo of values to come back to.
class PickleMachine {
 public:
  /// Values and translated texts are put into `values` and `texts`, whose elements must keep their addresses.
  PickleMachine(std::string_view bytes, const std::string& where, const PickleLimits& limits,
                std::deque<PickleValue>& values, std::deque<std::string>& texts)
      : at_(bytes, where), limits_(limits), values_(values), texts_(texts) {}

  /// The value that the pickle leaves at its STOP.
  const PickleValue* run() {
    for (;;) {
      const PickleOp op = at_.next_op();
      spend(1);
      if (op == PickleOp::stop) return finish();
      if (!number(op) && !text(op) && !container(op) && !stack(op) && !memo(op) && !call(op)) refuse(op);
    }
  }

 private:
  using Value = decltype(PickleValue::value);

  void spend(Index steps) {
    steps_ += steps;
    if (steps_ > limits_.steps)
      at_.fail("the pickle takes more than " + std::to_string(limits_.steps) + " steps",
               "Save long lists as numpy arrays, or raise PickleLimits::steps.");
  }
  /// Translated texts may hold as many bytes as the pickle, four times over, and no more.
  void spend_text(std::size_t bytes) {
    text_bytes_ += static_cast<Index>(bytes);
    if (text_bytes_ / 4 > at_.size()) at_.fail("the pickle's texts are far longer than the pickle");
  }

  void push(Value value) { stack_.push_back(&values_.emplace_back(PickleValue{std::move(value)})); }
  PickleValue* top() {
    if (static_cast<Index>(stack_.size()) <= base()) at_.fail("the pickle takes a value from an empty stack");
    return stack_.back();
  }
  PickleValue* pop() {
    PickleValue* value = top();
    stack_.pop_back();
    return value;
  }
  /// What lies above the last mark is out of reach of what was begun before it.
  Index base() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<const PickleValue*> pop_to_mark() {
    if (marks_.empty()) at_.fail("the pickle goes back to a mark that is not there");
    const auto mark = stack_.begin() + marks_.back();
    std::vector<const PickleValue*> values(mark, stack_.end());
    stack_.erase(mark, stack_.end());
    marks_.pop_back();
    return values;
  }
  std::vector<const PickleValue*> pop_last(std::size_t count) {
    std::vector<const PickleValue*> values(count);
    for (std::size_t i = count; i-- > 0;) values[i] = pop();
    return values;
  }
  std::string_view own(std::string text) { return texts_.emplace_back(std::move(text)); }

  bool number(PickleOp op) {
    switch (op) {
      case PickleOp::none:
        return push(PickleValue::None{}), true;
      case PickleOp::newtrue:
        return push(true), true;
      case PickleOp::newfalse:
        return push(false), true;
      case PickleOp::binint:
        return push(at_.long_number(4)), true;
      case PickleOp::binint1:
        return push(at_.as_signed(1)), true;
      case PickleOp::binint2:
        return push(at_.as_signed(2)), true;
      case PickleOp::long1:
        return push(at_.long_number(at_.number(1))), true;
      case PickleOp::long4:
        return push(at_.long_number(at_.signed_length())), true;
      case PickleOp::binfloat:
        return push(at_.big_endian_double()), true;
      case PickleOp::float_text:
        return push(at_.line_number<double>(at_.line())), true;
      case PickleOp::int_text:
        return push_int_line(at_.line()), true;
      case PickleOp::long_text:
        return push_long_line(at_.line()), true;
      default:
        return false;
    }
  }
  void push_int_line(std::string_view line) {
    if (line == "00" || line == "01")
      push(line == "01");
    else
      push(at_.line_number<std::int64_t>(line));
  }
  void push_long_line(std::string_view line) {
    if (line.ends_with('L')) line.remove_suffix(1);
    push(at_.line_number<std::int64_t>(line));
  }

  bool text(PickleOp op) {
    using Text = PickleValue::Text;
    using Bytes = PickleValue::Bytes;
    switch (op) {
      case PickleOp::binunicode:
        return push(Text{at_.take(at_.number(4))}), true;
      case PickleOp::short_binunicode:
        return push(Text{at_.take(at_.number(1))}), true;
      case PickleOp::binunicode8:
        return push(Text{at_.take(at_.number(8))}), true;
      case PickleOp::short_binstring:
      case PickleOp::short_binbytes:
        return push(Bytes{at_.take(at_.number(1))}), true;
      case PickleOp::binstring:
        return push(Bytes{at_.take(at_.signed_length())}), true;
      case PickleOp::binbytes:
        return push(Bytes{at_.take(at_.number(4))}), true;
      case PickleOp::binbytes8:
      case PickleOp::bytearray8:
        return push(Bytes{at_.take(at_.number(8))}), true;
      case PickleOp::string:
        return push(Bytes{translated(from_quoted(at_.line()))}), true;
      case PickleOp::unicode:
        return push(Text{translated(from_raw_unicode(at_.line()))}), true;
      default:
        return false;
    }
  }
  std::string_view translated(std::optional<std::string> text) {
    if (!text) at_.fail("a text that is not written as Python writes it");
    spend_text(text->size());
    return own(std::move(*text));
  }

  bool container(PickleOp op) {
    switch (op) {
      case PickleOp::empty_list:
        return push(PickleValue::List{}), true;
      case PickleOp::empty_tuple:
        return push(PickleValue::List{{}, true}), true;
      case PickleOp::empty_dict:
        return push(PickleValue::Dict{}), true;
      case PickleOp::list:
        return push(PickleValue::List{pop_to_mark()}), true;
      case PickleOp::tuple:
        return push(PickleValue::List{pop_to_mark(), true}), true;
      case PickleOp::tuple1:
        return push(PickleValue::List{pop_last(1), true}), true;
      case PickleOp::tuple2:
        return push(PickleValue::List{pop_last(2), true}), true;
      case PickleOp::tuple3:
        return push(PickleValue::List{pop_last(3), true}), true;
      case PickleOp::dict: {
        const auto items = pop_to_mark();
        push(PickleValue::Dict{});
        return set_items(items), true;
      }
      case PickleOp::append:
        return append(pop_last(1)), true;
      case PickleOp::appends:
        return append(pop_to_mark()), true;
      case PickleOp::setitem:
        return set_items(pop_last(2)), true;
      case PickleOp::setitems:
        return set_items(pop_to_mark()), true;
      default:
        return false;
    }
  }
  void append(const std::vector<const PickleValue*>& items) {
    auto* list = std::get_if<PickleValue::List>(&top()->value);
    if (list == nullptr || list->tuple) at_.fail("the pickle appends to " + std::string(top()->kind()));
    list->items.insert(list->items.end(), items.begin(), items.end());
  }
  void set_items(const std::vector<const PickleValue*>& items) {
    auto* dict = std::get_if<PickleValue::Dict>(&top()->value);
    if (dict == nullptr) at_.fail("the pickle sets an item of " + std::string(top()->kind()));
    if (items.size() % 2 != 0) at_.fail("a key without its value");
    for (std::size_t i = 0; i < items.size(); i += 2) dict->items.emplace_back(items[i], items[i + 1]);
  }

  bool stack(PickleOp op) {
    switch (op) {
      case PickleOp::mark:
        return marks_.push_back(static_cast<Index>(stack_.size())), true;
      case PickleOp::pop_mark:
        return pop_to_mark(), true;
      case PickleOp::dup:
        return stack_.push_back(top()), true;
      case PickleOp::pop:  // right above a mark it takes the mark, as Python does
        if (!marks_.empty() && base() == static_cast<Index>(stack_.size()))
          marks_.pop_back();
        else
          pop();
        return true;
      case PickleOp::proto:
        if (const auto version = at_.number(1); version > 5)
          at_.fail("a pickle of protocol " + std::to_string(version), "Save it with pickle.dump(..., protocol=4).");
        return true;
      case PickleOp::frame:
        return at_.check_left(at_.number(8)), true;
      default:
        return false;
    }
  }

  bool memo(PickleOp op) {
    switch (op) {
      case PickleOp::put:
        return keep(at_.line_number<std::uint64_t>(at_.line())), true;
      case PickleOp::binput:
        return keep(at_.number(1)), true;
      case PickleOp::long_binput:
        return keep(at_.number(4)), true;
      case PickleOp::memoize:
        return keep(memo_count_), true;
      case PickleOp::get:
        return recall(at_.line_number<std::uint64_t>(at_.line())), true;
      case PickleOp::binget:
        return recall(at_.number(1)), true;
      case PickleOp::long_binget:
        return recall(at_.number(4)), true;
      default:
        return false;
    }
  }
  void keep(std::uint64_t key) {
    if (key >= static_cast<std::uint64_t>(limits_.steps))
      at_.fail("a memo entry " + std::to_string(key) + ", beyond the limit of " + std::to_string(limits_.steps),
               "Save the pickle again, or raise PickleLimits::steps.");
    if (key >= memo_.size()) memo_.resize(static_cast<std::size_t>(key) + 1);
    auto& entry = memo_[static_cast<std::size_t>(key)];
    if (entry == nullptr) ++memo_count_;
    entry = top();
  }
  void recall(std::uint64_t key) {
    if (key >= memo_.size() || memo_[static_cast<std::size_t>(key)] == nullptr)
      at_.fail("the memo has no entry " + std::to_string(key));
    stack_.push_back(memo_[static_cast<std::size_t>(key)]);
  }

  bool call(PickleOp op) {
    switch (op) {
      case PickleOp::global: {
        const auto module = at_.line(), name = at_.line();
        return push_global(module, name), true;
      }
      case PickleOp::stack_global: {
        const auto names = pop_last(2);
        const auto module = names[0]->text(), name = names[1]->text();
        if (!module || !name) at_.fail("a function whose name is no text");
        return push_global(*module, *name), true;
      }
      case PickleOp::reduce:
        return reduce(), true;
      case PickleOp::build: {
        const PickleValue* state = pop();
        return PickleCalls(at_).build(*top(), *state), true;
      }
      default:
        return false;
    }
  }
  void push_global(std::string_view module, std::string_view name) {
    const auto meaning = allowed_pickle_name(module, name);
    if (!meaning)
      at_.fail("the pickle calls " + PickleCursor::shown(module) + "." + PickleCursor::shown(name),
               PickleCursor::unsafe);
    push(*meaning);
  }
  void reduce() {
    const auto* args = pop()->list();
    const auto* name = std::get_if<PickleName>(&pop()->value);
    if (name == nullptr || args == nullptr) at_.fail("the pickle calls what is no function");
    for (const PickleValue* arg : args->items) {
      if (const auto* t = std::get_if<PickleValue::Text>(&arg->value)) spend_text(t->utf8.size());
      if (const auto* l = arg->list()) spend(static_cast<Index>(l->items.size()));
    }
    push(PickleCalls(at_)(*name, args->items, [this](std::string text) { return own(std::move(text)); }));
  }

  [[noreturn]] void refuse(PickleOp op) {
    const auto unread = [&](const char* what) { at_.fail(what, PickleCursor::unsafe); };
    switch (op) {
      case PickleOp::inst: {
        const auto module = PickleCursor::shown(at_.line());
        at_.fail("the pickle calls " + module + "." + PickleCursor::shown(at_.line()), PickleCursor::unsafe);
      }
      case PickleOp::obj:
      case PickleOp::newobj:
      case PickleOp::newobj_ex:
        unread("the pickle makes an object of a class");
        break;
      case PickleOp::persid:
      case PickleOp::binpersid:
        unread("the pickle names an object outside of it");
        break;
      case PickleOp::ext1:
      case PickleOp::ext2:
      case PickleOp::ext4:
        unread("the pickle names a function by a registered number");
        break;
      case PickleOp::empty_set:
      case PickleOp::additems:
      case PickleOp::frozenset:
        unread("the pickle holds a set");
        break;
      case PickleOp::next_buffer:
      case PickleOp::readonly_buffer:
        unread("the pickle's data are in buffers outside of it");
        break;
      default:
        break;
    }
    at_.fail("not a pickle: no opcode has the number " + std::to_string(static_cast<unsigned>(op)));
  }

  const PickleValue* finish() {
    const PickleValue* root = pop();
    const PickleNesting nesting = nesting_of(*root, limits_.depth);
    if (nesting == PickleNesting::within_itself)
      at_.fail("a list or dict that is a part of itself", PickleCursor::unsafe);
    if (nesting == PickleNesting::too_deep)
      at_.fail("lists or dicts in one another, more than " + std::to_string(limits_.depth) + " deep",
               "Save the data flat, or raise PickleLimits::depth.");
    return root;
  }

  PickleCursor at_;
  const PickleLimits& limits_;
  std::deque<PickleValue>& values_;
  std::deque<std::string>& texts_;
  std::vector<PickleValue*> stack_, memo_;
  std::vector<Index> marks_;  ///< size of the stack at each mark
  std::uint64_t memo_count_ = 0;
  Index steps_ = 0, text_bytes_ = 0;
};

}  // namespace sseg::detail
