#pragma once
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace sseg_test {

/// A small checker of well-formed XML without DTDs: tags nest, attributes are quoted and named once, entities are
/// known. `void_tags`: as in HTML, <img> and its like have no end. Says what is wrong, "" when nothing is.
class XmlCheck {
 public:
  explicit XmlCheck(std::string_view text, bool html = false) : text_(text), html_(html) {}

  std::string fault() {
    while (fault_.empty() && at_ < text_.size()) {
      if (text_[at_] != '<')
        characters(text_.find('<', at_));
      else
        tag();
    }
    if (fault_.empty() && !open_.empty()) fault_ = "<" + open_.back() + "> is not closed";
    return fault_;
  }
  const std::vector<std::string>& tags() const { return tags_; }

 private:
  void say(const std::string& what) {
    if (fault_.empty()) fault_ = what + " at byte " + std::to_string(at_);
  }
  void entities(std::string_view text) {
    for (std::size_t i = 0; (i = text.find('&', i)) != text.npos; ++i) {
      const auto name = text.substr(i + 1, text.find(';', i) - i - 1);
      if (name != "lt" && name != "gt" && name != "amp" && name != "quot" && name != "#39")
        say("a bare & before '" + std::string(name.substr(0, 12)) + "'");
    }
  }
  void characters(std::size_t end) {
    end = end == text_.npos ? text_.size() : end;
    const std::string_view piece = text_.substr(at_, end - at_);
    const bool style = !open_.empty() && open_.back() == "style";
    if (!style) entities(piece);
    if (!style && open_.empty() && piece.find_first_not_of(" \n") != piece.npos) say("text outside of the root");
    at_ = end;
  }
  std::string_view word() {
    const auto begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || text_[at_] == '-')) ++at_;
    return text_.substr(begin, at_ - begin);
  }
  void tag() {
    if (text_.substr(at_).starts_with("<?") || text_.substr(at_).starts_with("<!")) {
      at_ = text_.find('>', at_) + 1;
      return;
    }
    ++at_;
    if (at_ < text_.size() && text_[at_] == '/') return close();
    const std::string name(word());
    if (name.empty()) return say("a tag without a name");
    tags_.push_back(name);
    std::vector<std::string> seen;
    while (fault_.empty() && at_ < text_.size() && text_[at_] == ' ') attribute(seen);
    const bool ended = text_.substr(at_).starts_with("/>");
    if (!ended && !text_.substr(at_).starts_with(">")) return say("the tag <" + name + "> does not end");
    at_ += ended ? 2 : 1;
    const bool is_void = html_ && (name == "meta" || name == "link" || name == "img" || name == "br");
    if (!ended && !is_void) open_.push_back(name);
  }
  void close() {
    ++at_;
    const std::string name(word());
    if (open_.empty() || open_.back() != name) return say("</" + name + "> closes nothing");
    open_.pop_back();
    ++at_;
  }
  void attribute(std::vector<std::string>& seen) {
    ++at_;
    const std::string name(word());
    for (const auto& other : seen)
      if (other == name) return say("the attribute " + name + " twice");
    seen.push_back(name);
    if (!text_.substr(at_).starts_with("=\"")) return say("the attribute '" + name + "' is not quoted");
    const auto end = text_.find('"', at_ + 2);
    if (end == text_.npos) return say("a quote is not closed");
    const std::string_view value = text_.substr(at_ + 2, end - at_ - 2);
    if (value.find('<') != value.npos) say("a bare < in " + name);
    entities(value);
    at_ = end + 1;
  }

  std::string_view text_;
  bool html_;
  std::size_t at_ = 0;
  std::string fault_;
  std::vector<std::string> open_, tags_;
};

}  // namespace sseg_test
