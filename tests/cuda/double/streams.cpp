#include "cuda/double/streams.hpp"

#include <algorithm>

#include "cuda/double/calls.hpp"

namespace cuda_double {

Stream* Streams::create(int device, bool blocking) { return &streams_.emplace_back(device, blocking); }

void Streams::destroy(Stream* stream) {
  finish(*stream);
  if (stream->capture)
    std::replace(stream->capture->joined.begin(), stream->capture->joined.end(), stream, static_cast<Stream*>(nullptr));
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

namespace {

std::size_t branch_in(const Capture& capture, const Stream& stream) {
  const auto found = std::find(capture.joined.begin(), capture.joined.end(), &stream);
  return static_cast<std::size_t>(found - capture.joined.begin());
}

/// Appends to the stream's branch.
std::size_t note(Capture& capture, const Stream& stream, GraphNode node) {
  node.branch = branch_in(capture, stream);
  const std::size_t at = capture.nodes.size();
  capture.last[node.branch] = at;
  capture.nodes.push_back(std::move(node));
  return at;
}

/// Does everything come before the end of the first branch?
bool all_waited_for(const Capture& capture) {
  std::vector<std::optional<std::size_t>> next(capture.joined.size());  // of each branch, whatever comes before it
  next[0] = capture.last[0];
  for (std::size_t i = capture.nodes.size(); i-- > 0;) {
    const GraphNode& node = capture.nodes[i];
    std::optional<std::size_t>& last = next[node.branch];
    if (!last || i > *last) return false;
    for (const std::size_t other : node.after) {
      std::optional<std::size_t>& there = next[capture.nodes[other].branch];
      there = std::max(there.value_or(0), other);
    }
  }
  return true;
}

}  // namespace

MarkPtr Streams::push(Stream& stream, std::string what, std::function<void()> work, std::vector<MarkPtr> after) {
  if (!stream.capture) return queue(stream, std::move(what), std::move(work), std::move(after));
  return push_given(stream, std::move(what), [work = std::move(work)](Stream&) { return work; });
}

MarkPtr Streams::push_given(Stream& stream, std::string what, GiveWork give, std::shared_ptr<void> holds) {
  if (!stream.capture) return queue(stream, std::move(what), give(stream), {});
  note(*stream.capture, stream, {std::move(what), std::move(give), 0, {}, std::move(holds)});
  return nullptr;
}

MarkPtr Streams::queue(Stream& stream, std::string what, std::function<void()> work, std::vector<MarkPtr> after) {
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

Stream& Streams::branch_of(int device, std::size_t branch) {
  return branches_.try_emplace({device, branch}, device, false).first->second;
}

void Streams::launch(Stream& stream, const CapturedGraph& graph) {
  demand(!stream.capture, "the double launches no graph within another");
  std::vector<MarkPtr> marks, ends;
  for (const GraphNode& node : graph) {
    Stream& to = node.branch == 0 ? stream : branch_of(stream.device, node.branch);
    std::vector<MarkPtr> after;
    for (const std::size_t other : node.after) after.push_back(marks[other]);
    marks.push_back(queue(to, "cudaGraphLaunch of " + node.what, node.give(to), std::move(after)));
    if (node.branch > 0) ends.push_back(marks.back());
  }
  if (!ends.empty())
    queue(
        stream, "the end of a graph", [] {}, std::move(ends));
}

void Streams::record(Event& event, Stream& stream) {
  event.capture = stream.capture;
  if (stream.capture)
    event.node = note(*stream.capture, stream, {"cudaEventRecord", [](Stream&) { return [] {}; }, 0, {}, nullptr});
  else
    event.mark = push(stream, "cudaEventRecord", [] {});
}

void Streams::wait(Stream& stream, const Event& event) {
  if (event.capture) {
    Capture& capture = *event.capture;
    demand(!capture.joined.empty(), "wait for an event of a capture that has ended");
    demand(!stream.capture || stream.capture == event.capture, "wait for an event of another capture");
    if (!stream.capture) {
      capture.joined.push_back(&stream);
      capture.last.emplace_back();
    }
    stream.capture = event.capture;
    note(capture, stream, {"cudaStreamWaitEvent", [](Stream&) { return [] {}; }, 0, {event.node}, nullptr});
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
  const auto drop = [](Stream& s) {
    for (const Item& item : s.queue) item.mark->done = true;
    s.queue.clear();
  };
  for (std::list<Stream>* const list : {&streams_, &defaults_})
    for (Stream& s : *list) drop(s);
  for (auto& [key, s] : branches_) drop(s);
}

void Streams::begin_capture(Stream& stream, bool everywhere) {
  demand(!stream.capture, "the stream is captured already");
  stream.capture = std::make_shared<Capture>();
  stream.capture->began_by = std::this_thread::get_id();
  stream.capture->everywhere = everywhere;
  stream.capture->joined.push_back(&stream);
  stream.capture->last.emplace_back();
}

std::shared_ptr<Capture> Streams::end_capture(Stream& stream) {
  demand(stream.capture && !stream.capture->joined.empty() && stream.capture->joined.front() == &stream,
         "this stream did not begin a capture");
  demand(stream.capture->began_by == std::this_thread::get_id(), "another thread began this capture");
  const std::shared_ptr<Capture> capture = stream.capture;
  capture->unjoined = !all_waited_for(*capture);
  for (Stream* const s : capture->joined)
    if (s != nullptr) s->capture = nullptr;
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
