// What it costs to word a notice, and to count its segments.
#include "bench/samples.hpp"

#include "messages/sample.hpp"
#include "messages/segmentation.hpp"

#include <benchmark/benchmark.h>

namespace dun::bench {
namespace {

MessageContext dunning(const char* lang) {
  MessageContext context = messages::sample_context(NoticeKind::dunning, 1, true);
  context.lang = lang;
  return context;
}

void render(benchmark::State& state, const char* lang) {
  const MessageContext context = dunning(lang);
  for (auto _ : state) benchmark::DoNotOptimize(shipped().catalogue.render(context));
}
BENCHMARK_CAPTURE(render, en, "en");
BENCHMARK_CAPTURE(render, zh_CN, "zh-CN");

/// GSM 7-bit in English, UCS-2 in Chinese.
void count_segments(benchmark::State& state, const char* lang) {
  const auto rendered = shipped().catalogue.render(dunning(lang));
  if (!rendered) return state.SkipWithError(rendered.error().c_str());
  for (auto _ : state) benchmark::DoNotOptimize(messages::count(rendered->text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(rendered->text.size()));
}
BENCHMARK_CAPTURE(count_segments, en, "en");
BENCHMARK_CAPTURE(count_segments, zh_CN, "zh-CN");

}  // namespace
}  // namespace dun::bench
