#pragma once
// The only door to zlib.
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "sseg/core/error.hpp"

namespace sseg::detail {

/// Unpacks gzip (RFC 1952) from front to end, one member after the other. Each is compared with the length and the sum
/// (CRC-32) that stand at its end.
class GzipStream {
 public:
  static bool begins(std::string_view bytes) { return bytes.starts_with("\x1f\x8b"); }

  /// `packed` must outlive the stream; `where` names it in messages.
  GzipStream(std::string_view packed, std::string where) : packed_(packed), where_(std::move(where)) {
    constexpr int gzip_only = 16;
    if (inflateInit2(&stream_, MAX_WBITS + gzip_only) != Z_OK)
      throw Error("no memory for unpacking", where_, "Free memory.");
  }
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream() { inflateEnd(&stream_); }

  /// Up to `room` bytes; 0 only at the end. Throws `Error`: damaged, cut short, or followed by what is no gzip.
  std::size_t read(char* out, std::size_t room) {
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = piece(room);
    const std::size_t wanted = stream_.avail_out;
    while (stream_.avail_out == wanted && !at_end_) step();
    return wanted - stream_.avail_out;
  }

 private:
  /// zlib counts in 32 bits.
  static uInt piece(std::size_t bytes) { return static_cast<uInt>(std::min<std::size_t>(bytes, 1U << 30U)); }

  void step() {
    const uInt given = piece(packed_.size());
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed_.data()));
    stream_.avail_in = given;
    const int code = inflate(&stream_, Z_NO_FLUSH);
    packed_.remove_prefix(given - stream_.avail_in);
    if (code == Z_STREAM_END) return end_member();
    if (code == Z_BUF_ERROR) throw failure("it is cut short");
    if (code != Z_OK) throw failure(stream_.msg != nullptr ? stream_.msg : "no reason given");
  }
  /// Zeros may follow: tapes and some programs fill up with them.
  void end_member() {
    packed_.remove_prefix(std::min(packed_.find_first_not_of('\0'), packed_.size()));
    at_end_ = packed_.empty();
    if (!at_end_ && inflateReset(&stream_) != Z_OK) throw failure("another member cannot be begun");
  }
  Error failure(const std::string& reason) const {
    return {"cannot unpack: " + reason, where_, "The file is damaged: fetch it again."};
  }

  z_stream stream_{};
  std::string_view packed_;
  std::string where_;
  bool at_end_ = false;
};

}  // namespace sseg::detail
