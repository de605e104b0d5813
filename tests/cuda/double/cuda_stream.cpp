// cudart: streams, events, captured graphs.
#include <utility>

#include "cuda/double/world.hpp"

using namespace cuda_double;

namespace {

Event& event_of(cudaEvent_t handle) {
  const auto found = world().events.find(reinterpret_cast<Event*>(handle));
  demand(found != world().events.end(), "no such event, or it was destroyed");
  return *found->second;
}

void create_stream(cudaStream_t* stream, unsigned flags) {
  *stream =
      reinterpret_cast<cudaStream_t>(world().streams.create(current_device(), (flags & cudaStreamNonBlocking) == 0));
}

void demand_no_capture(const Stream& stream) {
  Streams::demand_no_capture(stream, "the stream is captured: nothing may wait for it");
}
void demand_no_capture(const Event& event) {
  if (!event.capture || event.capture->joined.empty()) return;
  demand_no_capture(*event.capture->joined.front());
}

}  // namespace

extern "C" {

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] { create_stream(stream, cudaStreamDefault); });
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] { create_stream(stream, flags); });
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned flags, int) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] { create_stream(stream, flags); });
}

cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return answer_cuda_release(__func__, [&] {
    demand(stream != nullptr, "the default stream cannot be destroyed");
    demand_no_capture(stream_of(stream));
    world().streams.destroy(&stream_of(stream));
  });
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return answer_cuda_wait(__func__, [&] {
    Stream& s = stream_of(stream);
    demand_no_capture(s);
    world().streams.finish(s);
    tell_run_errors();
  });
}

cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return answer_cuda(__func__, cudaErrorLaunchFailure, [&] {
    const Stream& s = stream_of(stream);
    demand_no_capture(s);
    if (s.tail && !s.tail->done) throw Refusal<cudaError_t>{cudaErrorNotReady, "work is left"};
    tell_run_errors();
  });
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return answer_cuda(__func__, cudaErrorLaunchFailure,
                     [&] { world().streams.wait(stream_of(stream), event_of(event)); });
}

cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return answer_cuda(__func__, cudaErrorLaunchOutOfResources,
                     [&] { world().streams.push(stream_of(stream), "cudaLaunchHostFunc", [=] { function(data); }); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] {
    auto made = std::make_unique<Event>();
    made->timing = (flags & cudaEventDisableTiming) == 0;
    *event = reinterpret_cast<cudaEvent_t>(made.get());
    Event* const key = made.get();
    world().events[key] = std::move(made);
  });
}

cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }

cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return answer_cuda_release(__func__, [&] { world().events.erase(&event_of(event)); });
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return answer_cuda(__func__, cudaErrorLaunchFailure,
                     [&] { world().streams.record(event_of(event), stream_of(stream)); });
}

cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return answer_cuda_wait(__func__, [&] {
    demand_no_capture(event_of(event));
    world().streams.finish(event_of(event).mark);
    tell_run_errors();
  });
}

cudaError_t cudaEventQuery(cudaEvent_t event) {
  return answer_cuda(__func__, cudaErrorLaunchFailure, [&] {
    const Event& e = event_of(event);
    demand_no_capture(e);
    if (e.mark && !e.mark->done) throw Refusal<cudaError_t>{cudaErrorNotReady, "work is left"};
  });
}

cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t start, cudaEvent_t end) {
  return answer_cuda(__func__, cudaErrorUnknown, [&] {
    const Event &from = event_of(start), &to = event_of(end);
    demand(from.timing && to.timing, "an event was made without timing");
    demand(from.mark && to.mark, "an event was never recorded");
    if (!from.mark->done || !to.mark->done) throw Refusal<cudaError_t>{cudaErrorNotReady, "work is left"};
    *ms = std::chrono::duration<float, std::milli>(to.mark->when - from.mark->when).count();
  });
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode) {
  return answer_cuda(__func__, cudaErrorStreamCaptureUnsupported, [&] {
    demand(stream != nullptr, "the default stream cannot be captured");
    demand(mode != cudaStreamCaptureModeRelaxed, "the double knows no relaxed capture");
    world().streams.begin_capture(stream_of(stream), mode == cudaStreamCaptureModeGlobal);
  });
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  *graph = nullptr;
  const cudaError_t status = answer_cuda(__func__, cudaErrorStreamCaptureInvalidated, [&] {
    const auto capture = world().streams.end_capture(stream_of(stream));
    CapturedGraph nodes = std::exchange(capture->nodes, {});
    if (capture->broken) throw Refusal<cudaError_t>{cudaErrorStreamCaptureInvalidated, "a call has broken the capture"};
    if (capture->unjoined) throw Refusal<cudaError_t>{cudaErrorStreamCaptureUnjoined, "a stream was not waited for"};
    demand(capture->in_progress.empty(), "a call of NCCL has not given all of its work yet");
    *graph = reinterpret_cast<cudaGraph_t>(keep(new CapturedGraph(std::move(nodes)), "cudaStreamEndCapture"));
  });
  if (status == cudaErrorStreamCaptureInvalidated && stream_of(stream).capture)  // it was told to fail
    world().streams.end_capture(stream_of(stream))->nodes.clear();
  return status;
}

cudaError_t cudaStreamIsCapturing(cudaStream_t stream, cudaStreamCaptureStatus* status) {
  return answer_cuda(__func__, cudaErrorUnknown, [&] {
    *status = stream_of(stream).capture ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  });
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* ready, cudaGraph_t graph, unsigned long long) {
  return answer_cuda(__func__, cudaErrorMemoryAllocation, [&] {
    demand_object(graph, "cudaStreamEndCapture");
    *ready = reinterpret_cast<cudaGraphExec_t>(
        keep(new CapturedGraph(*reinterpret_cast<CapturedGraph*>(graph)), "cudaGraphInstantiate"));
  });
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t ready, cudaStream_t stream) {
  return answer_cuda(__func__, cudaErrorLaunchOutOfResources, [&] {
    demand_object(ready, "cudaGraphInstantiate");
    world().streams.launch(stream_of(stream), *reinterpret_cast<CapturedGraph*>(ready));
  });
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  return answer_cuda_release(__func__, [&] {
    forget_object(graph, "cudaStreamEndCapture");
    delete reinterpret_cast<CapturedGraph*>(graph);
  });
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t ready) {
  return answer_cuda_release(__func__, [&] {
    forget_object(ready, "cudaGraphInstantiate");
    delete reinterpret_cast<CapturedGraph*>(ready);
  });
}

}  // extern "C"
