#include "cuda/double/streams.hpp"

#include <algorithm>

#include "cuda/double/calls.hpp"

namespace cuda_double {

Stream* Streams::create(int device, bool blocking) { return &streams_.emplace_back(device, blocking); }

void Streams::destroy(Stream* stream) {
  finish(*stream);
  if (stream->capture) std::erase(stream->capture->joined, stream);
  streams_.remove_if([&](const Stream& s) { return &s == stream; });
}

bool Streams::alive(const Stream* stream) const {
  return std::any_of(streams_.begin(), streams_.end(), [&](const Stream& s) { return &s == stream; });
}

Stream& Streams::default_of(int device) {
  for (Stream& s : defaults_)
    if (s.device == device) return s;
  return defaults_.emplace_back(device, false);
}

MarkPtr Streams::push(Stream& stream, std::string what, std::function<void()> work, std::vector<MarkPtr> after) {
  if (stream.capture) {
    stream.capture->items.push_back({std::move(what), std::move(work), {}, nullptr});
    return nullptr;
  }
  Stream& standard = default_of(stream.device);
  if (&stream == &standard) {
    for (const Stream& s : streams_)
      if (s.device == stream.device && s.blocking)
        demand_no_capture(s, "work for the default stream, which would wait for a captured stream");
    for (Stream& s : streams_)
      if (s.device == stream.device && s.blocking && s.tail) after.push_back(s.tail);
  } else if (stream.blocking && standard.tail) {
    after.push_back(standard.tail);
  }
  const auto mark = std::make_shared<Mark>(Mark{&stream, false, {}});
  stream.queue.push_back({std::move(what), std::move(work), std::move(after), mark});
  stream.tail = mark;
  if (schedule == Schedule::early) finish(mark);
  return mark;
}

void Streams::record(Event& event, Stream& stream) {
  event.capture = stream.capture;
  event.mark = push(stream, "cudaEventRecord", [] {});
}

void Streams::wait(Stream& stream, const Event& event) {
  if (event.capture) {
    demand(!event.capture->joined.empty(), "wait for an event of a capture that has ended");
    demand(!stream.capture || stream.capture == event.capture, "wait for an event of another capture");
    if (!stream.capture) event.capture->joined.push_back(&stream);
    stream.capture = event.capture;
  } else if (event.mark) {
    demand(!stream.capture, "a captured stream waits for work outside the capture");
    push(stream, "cudaStreamWaitEvent", [] {}, {event.mark});
  }
}

void Streams::run_front(Stream& stream) {
  const Item item = std::move(stream.queue.front());
  stream.queue.pop_front();
  for (const MarkPtr& mark : item.after) finish(mark);
  try {
    item.work();
  } catch (const Misuse& wrong) {
    run_errors.push_back(item.what + ", when it ran: " + wrong.what());
  }
  item.mark->when = std::chrono::steady_clock::now();
  item.mark->done = true;
}

void Streams::finish(const MarkPtr& mark) {
  if (!mark || mark->done) return;
  const Memory::Open open(memory_);
  while (!mark->done) run_front(*mark->stream);
}

void Streams::finish(Stream& stream) { finish(stream.tail); }

void Streams::finish_device(int device) {
  for (Stream& s : streams_)
    if (s.device == device) finish(s);
  finish(default_of(device));
}

void Streams::drop_all() {
  for (std::list<Stream>* const list : {&streams_, &defaults_})
    for (Stream& s : *list) {
      for (const Item& item : s.queue) item.mark->done = true;
      s.queue.clear();
    }
}

void Streams::begin_capture(Stream& stream, bool everywhere) {
  demand(!stream.capture, "the stream is captured already");
  stream.capture = std::make_shared<Capture>();
  stream.capture->began_by = std::this_thread::get_id();
  stream.capture->everywhere = everywhere;
  stream.capture->joined.push_back(&stream);
}

std::shared_ptr<Capture> Streams::end_capture(Stream& stream) {
  demand(stream.capture && !stream.capture->joined.empty() && stream.capture->joined.front() == &stream,
         "this stream did not begin a capture");
  demand(stream.capture->began_by == std::this_thread::get_id(), "another thread began this capture");
  const std::shared_ptr<Capture> capture = stream.capture;
  for (Stream* const s : capture->joined) s->capture = nullptr;
  capture->joined.clear();
  return capture;
}

void Streams::demand_no_capture(const std::string& otherwise) {
  for (const Stream& s : streams_)
    if (s.capture && (s.capture->everywhere || s.capture->began_by == std::this_thread::get_id()))
      demand_no_capture(s, "a stream is captured: " + otherwise);
}

void Streams::demand_no_capture(const Stream& stream, const std::string& otherwise) {
  if (!stream.capture) return;
  stream.capture->broken = true;
  throw Misuse(otherwise);
}

}  // namespace cuda_double
