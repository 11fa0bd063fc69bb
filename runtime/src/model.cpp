// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/model.h>

#include <fmt/format.h>

#include <algorithm>

#include <fcngraph/backend_choice.h>
#include <fcngraph/dsl/build.h>
#include <fcngraph/dsl/load.h>
#include <fcngraph/engine/compiler.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/ops/conv2d.h>
#include <fcngraph/engine/passes.h>
#include <fcngraph/import.h>
#include <fcngraph/tuning.h>

#include "data_classes.h"
#include "memory_budget.h"
#include "program_impl.h"

namespace fcngraph {

struct Model::Impl {
  dsl::ModelSpec spec;
  OpTable ops;
  std::string name;
  std::vector<std::string> classes;
};

namespace {

dsl::LoadOptions reader_options(const LoadOptions& options) { return {options.set, options.data}; }

/// The classes that the data has; where the model names some, they must be the same.
std::vector<std::string> resolve_classes(const dsl::ModelSpec& spec, Diagnostics& diagnostics) {
  std::vector<std::string> in_data = data_classes(spec.data);
  check_resizing(spec.data, in_data, diagnostics);
  if (spec.classes.empty()) return in_data;
  std::vector<std::string> named;
  for (const auto& name : spec.classes) named.push_back(*name);
  if (!in_data.empty() && named != in_data) {
    diagnostics.error("E0210", spec.classes_span,
                      fmt::format("[model] has {} classes ({}), the data has {} ({})", named.size(), join(named),
                                  in_data.size(), join(in_data)),
                      "leave 'classes' out of [model]: they come from the data");
  }
  return named;
}

dsl::BuildOptions build_options(const dsl::ModelSpec& spec, const std::vector<std::string>& classes,
                                const CompileOptions& options) {
  dsl::BuildOptions build;
  build.mode = options.mode;
  build.batch = options.batch != 0 ? options.batch : options.mode == Mode::infer ? 1 : *spec.train.batch;
  build.height = options.height != 0 ? options.height : *spec.height;
  build.width = options.width != 0 ? options.width : *spec.width;
  build.classes = static_cast<std::int64_t>(classes.size());
  build.fetch = options.fetch;
  build.dtype = options.precision == "f64" ? DType::f64 : DType::f32;
  build.heads = options.heads;
  if (options.heads == std::vector<std::string>{"all"}) build.heads.clear();
  if (options.heads.empty() && options.mode == Mode::infer && !spec.heads.empty())
    build.heads = {*spec.heads.back().name};
  return build;
}

/// What several graphs of one file say alike is said once.
std::vector<Diagnostic> without_repeats(const std::vector<Diagnostic>& all) {
  std::vector<Diagnostic> out;
  for (const Diagnostic& d : all) {
    const bool seen = std::any_of(out.begin(), out.end(), [&](const Diagnostic& other) {
      return d.code == other.code && d.message == other.message && d.span.file == other.span.file &&
             d.span.line == other.span.line && d.span.column == other.span.column;
    });
    if (!seen) out.push_back(d);
  }
  return out;
}

/// Whether the backend has convolutions, which are what a precision of 16 bits is about, in this type.
bool runs_in(const Backend& backend, DType type) {
  const TensorType x{type, {1, 8, 8, 8}, {}}, weight{type, {8, 8, 3, 3}, {}};
  const Attrs attrs = Conv2dAttrs{.filters = 8, .kernel = {3, 3}};
  return backend.capability({"probe", &ops::conv2d(), &attrs, {&x, &weight}, {&x}, nullptr}, {}).supported;
}

/// What 16 bits are on a backend: what its tensors are stored in, or else what its convolutions multiply in.
struct Narrowing {
  DType storage = DType::f32, products = DType::f32;
};

Narrowing narrowing_of(const std::string& precision, const Backend& backend) {
  if (precision == "f32" || (precision == "f64" && backend.name() == "reference")) return {};
  std::string why = precision == "f64" ? "f64 runs on the reference backend" : "";
  if (precision == "f16" || precision == "bf16") {
    const DType type = *dtype_from(precision);
    if (runs_in(backend, type)) return {type, DType::f32};
    const Probe products = backend.multiplies_in(type);
    if (products.available) return {DType::f32, type};
    why = products.text;
  }
  const char* others = backend.multiplies_in(DType::bf16).available ? " or bf16" : "";
  throw BackendError(std::string(backend.name()), fmt::format("precision '{}' is not available here, expected f32{}{}",
                                                              precision, others, why.empty() ? "" : ": " + why));
}

/// "estimate" is "auto" without what was measured.
KernelPolicy kernel_policy(const dsl::CompileSpec& spec, const CompileOptions& options, const Backend& backend,
                           DType products) {
  const std::string kernels = options.kernels.empty() ? *spec.kernels : options.kernels;
  KernelPolicy policy{kernels == "estimate" ? "auto" : kernels,
                      *spec.exact,
                      *spec.storage,
                      *spec.deterministic,
                      options.threads,
                      products};
  if ((kernels == "auto" || kernels == "autotune") && !policy.exact)
    policy.times = load_kernel_times(kernel_table_file(), backend, policy);
  return policy;
}

}  // namespace

Model Model::load(const std::filesystem::path& path, const LoadOptions& options) {
  Diagnostics diagnostics;
  auto impl = std::make_shared<Impl>();
  impl->spec = dsl::load_model(path, reader_options(options), diagnostics);
  return finish(std::move(impl), options, diagnostics);
}

Model Model::parse(const std::string& text, const std::filesystem::path& folder, const LoadOptions& options) {
  Diagnostics diagnostics;
  auto impl = std::make_shared<Impl>();
  impl->spec = dsl::load_model_text(text, "<text>", folder, reader_options(options), diagnostics);
  return finish(std::move(impl), options, diagnostics);
}

Model Model::finish(std::shared_ptr<Impl> impl, const LoadOptions& options, Diagnostics& diagnostics) {
  impl->ops = options.ops;
  impl->name = *impl->spec.name;
  if (!diagnostics.has_errors()) impl->classes = resolve_classes(impl->spec, diagnostics);
  diagnostics.throw_if_errors();
  return Model(std::move(impl));
}

std::vector<Diagnostic> Model::check(const std::filesystem::path& path, const LoadOptions& options) {
  Diagnostics diagnostics;
  const dsl::ModelSpec spec = dsl::load_model(path, reader_options(options), diagnostics);
  if (diagnostics.has_errors()) return diagnostics.all();
  const std::vector<std::string> classes = resolve_classes(spec, diagnostics);
  for (const Mode mode : {Mode::infer, Mode::train}) {
    CompileOptions compile_options;
    compile_options.mode = mode;
    compile_options.heads = {"all"};
    compile_options.batch = 1;  // so that both say the same of the same mistake
    try {
      Graph graph = dsl::build_graph(spec, build_options(spec, classes, compile_options), options.ops, diagnostics);
      if (diagnostics.has_errors()) continue;
      Rewriter rewriter(graph, diagnostics);
      (void)align_crops(rewriter, {});
    } catch (const GraphError& e) {
      for (const Diagnostic& d : e.diagnostics()) diagnostics.add(d);
    }
  }
  for (std::size_t i = 0; i < spec.stages.size() && !diagnostics.has_errors(); ++i)
    dsl::check_stage(spec, i, static_cast<std::int64_t>(classes.size()), options.ops, diagnostics);
  return without_repeats(diagnostics.all());
}

const std::string& Model::name() const { return impl_->name; }
const std::vector<std::string>& Model::classes() const { return impl_->classes; }
std::int64_t Model::input_height() const { return *impl_->spec.height; }
std::int64_t Model::input_width() const { return *impl_->spec.width; }
const std::string& Model::resolved() const { return impl_->spec.resolved; }
const dsl::ModelSpec& Model::spec() const { return impl_->spec; }
const OpTable& Model::ops() const { return impl_->ops; }

Weights Model::pretrained() const {
  const auto& backbone = impl_->spec.backbone;
  if ((*backbone.weights_file).empty()) return {};
  return *backbone.weights_layout == "auto" ? Weights::load(*backbone.weights_file)
                                            : import_weights(*backbone.weights_file, *backbone.weights_layout).weights;
}

std::vector<HeadInfo> Model::heads() const {
  std::vector<HeadInfo> heads;
  for (const auto& head : impl_->spec.heads)
    heads.push_back({*head.name, *head.loss_weight, *head.output == "probabilities"});
  return heads;
}

std::vector<std::string> Model::stages() const {
  std::vector<std::string> names;
  for (const auto& stage : impl_->spec.stages) names.push_back(*stage.name);
  return names;
}

Model Model::stage(std::size_t index) const {
  if (index >= impl_->spec.stages.size())
    throw GraphError(fmt::format("model has {} stages, there is no stage {}", impl_->spec.stages.size(), index));
  Diagnostics diagnostics;
  dsl::check_stage(impl_->spec, index, static_cast<std::int64_t>(impl_->classes.size()), impl_->ops, diagnostics);
  diagnostics.throw_if_errors();
  auto impl = std::make_shared<Impl>(*impl_);
  impl->spec = dsl::stage_spec(impl_->spec, index);
  return Model(std::move(impl));
}

ParameterCount Model::parameters() const {
  Diagnostics diagnostics;
  CompileOptions options;
  options.heads = {"all"};
  const Graph graph =
      dsl::build_graph(impl_->spec, build_options(impl_->spec, impl_->classes, options), impl_->ops, diagnostics);
  diagnostics.throw_if_errors();
  ParameterCount count;
  for (const ValueId id : graph.values_with(Role::parameter)) {
    const Value& value = graph.value(id);
    (value.trainable ? count.trainable : count.frozen) += value.type.shape.elements();
  }
  return count;
}

/// What the options ask for: a program that lacks its plan, a graph that no pass has seen, and how to lower it.
struct Model::Request {
  Program::Impl program;
  Graph graph;
  CompilerOptions compiler;
};

Model::Request Model::request(const CompileOptions& options) const {
  const dsl::ModelSpec& spec = impl_->spec;
  if (options.batch < 0 || options.height < 0 || options.width < 0 || options.threads < 0) {
    throw GraphError(
        fmt::format("expected a batch, height, width and number of threads of at least 0, got {}, {}, {} and {}",
                    options.batch, options.height, options.width, options.threads));
  }
  if (options.parts < 1 || options.recompute < 0 || options.memory_budget < 0) {
    throw GraphError(
        fmt::format("expected at least 1 part, got {}; and to compute again in at least 0 segments, got {}",
                    options.parts, options.recompute));
  }
  if (options.mode != Mode::train && (options.parts != 1 || options.recompute != 0))
    throw GraphError("parts of a batch and values computed again are for training programs");
  const BackendChoice choice = choose_backend(options.backend);
  const Narrowing narrowing = narrowing_of(options.precision, *choice.backend);
  dsl::BuildOptions build = build_options(spec, impl_->classes, options);
  build.batch = (build.batch + options.parts - 1) / options.parts;
  Diagnostics diagnostics;
  Request request{Program::Impl(*this), dsl::build_graph(spec, build, impl_->ops, diagnostics), {}};
  diagnostics.throw_if_errors();

  Program::Impl& program = request.program;
  program.mode = options.mode;
  program.parts = options.parts;
  program.recompute = options.recompute;
  program.inputs = {build.batch, *spec.channels, build.height,
                    build.width, build.classes,  data::preprocess_from(*spec.preprocess)};
  program.backend = choice.backend;
  program.backend_name = std::string(choice.backend->name());
  program.backend_reason = choice.reason;
  program.policy = kernel_policy(spec.compile, options, *choice.backend, narrowing.products);
  const PrecisionPolicy precision = dsl::precision_options(spec.compile, narrowing.storage);
  request.compiler.context = {.mode = options.mode,
                              .backend = choice.backend,
                              .ops = &impl_->ops,
                              .policy = program.policy,
                              .optimizer = dsl::optimizer_options(spec.train, precision.storage),
                              .precision = precision,
                              .parts = options.parts,
                              .recompute = options.recompute,
                              .frontier = options.frontier};
  request.compiler.pipeline = options.pipeline;
  return request;
}

Graph Model::lower(const CompileOptions& options) const {
  Request asked = request(options);
  fcngraph::lower(asked.graph, asked.compiler);
  return std::move(asked.graph);
}

Program Model::compile(const CompileOptions& options) const {
  if (options.memory_budget > 0) return compile(within_budget(*this, options, false));
  Request asked = request(options);
  auto program = std::make_shared<Program::Impl>(std::move(asked.program));
  program->plan = fcngraph::compile(std::move(asked.graph), asked.compiler);
  return Program(std::move(program));
}

SplitPrograms Model::compile_split(const CompileOptions& options) const {
  if (options.memory_budget > 0) return compile_split(within_budget(*this, options, true));
  Request asked = request(options);
  SplitPlans plans = fcngraph::compile_split(std::move(asked.graph), asked.compiler);
  std::optional<Program> features;
  if (plans.features) {
    auto program = std::make_shared<Program::Impl>(asked.program);
    program->mode = Mode::infer;
    program->parts = 1;
    program->recompute = 0;
    program->plan = std::move(*plans.features);
    features.emplace(std::move(program));
  }
  auto step = std::make_shared<Program::Impl>(std::move(asked.program));
  step->plan = std::move(plans.step);
  return {std::move(features), Program(std::move(step))};
}

}  // namespace fcngraph
