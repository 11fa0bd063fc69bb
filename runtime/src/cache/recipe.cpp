// SPDX-License-Identifier: Apache-2.0
#include "cache/recipe.h"

#include <optional>
#include <vector>

#include <fmt/format.h>

#include <fcngraph/dsl/model_spec.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/engine/text.h>
#include <fcngraph/environment.h>

#include "cache/entry_file.h"
#include "hash.h"
#include "program_impl.h"

namespace fcngraph::cache {
namespace {

class RecipeBook {
 public:
  RecipeBook(const Program& program, const Weights& weights, std::uint64_t seed,
             std::map<std::string, std::uint64_t>& hashes)
      : program_(program),
        graph_(program.plan().graph),
        weights_(weights),
        seed_(seed),
        hashes_(hashes),
        known_(graph_.value_count()) {}

  std::map<std::string, CacheKey> run() {
    for (const NodeId id : graph_.order()) add(graph_.node(id));
    std::map<std::string, CacheKey> out;
    for (const auto& [name, value] : graph_.outputs()) out.emplace(name, key(value));
    return out;
  }

 private:
  // What every value hangs on, besides the graph.
  std::string surroundings() const {
    const auto& impl = program_.impl();
    const auto& policy = impl.policy;
    const auto here = environment();
    const int threads = policy.threads > 0 ? policy.threads : here.threads;
    std::string text = fmt::format(
        "fcngraph {} entries {} backend {} ({}) precision {} kernels {} exact {} storage {} deterministic {} threads "
        "{} "
        "preprocess {} resize {} half {}",
        here.version, kEntryVersion, impl.backend_name, impl.backend->probe().text, name_of(impl.plan.precision),
        policy.kernels, policy.exact, policy.storage, policy.deterministic, threads,
        static_cast<int>(impl.inputs.preprocess), static_cast<int>(impl.model.spec().data.resize),
        impl.model.spec().data.half_precision);
    if (impl.model.spec().data.scaled_decode) text += " decode scaled";
    for (const auto& isa : here.isa) text += " " + isa;
    for (const auto& [name, version] : here.libraries) text += " " + name + " " + version;
    return text;
  }

  std::uint64_t hash_of(const std::string& name) {
    const auto [known, fresh] = hashes_.try_emplace(name);
    if (fresh) known->second = content_hash(weights_.bytes(name));
    return known->second;
  }

  std::string of_tensor(const Value& value) {
    const std::string type = to_string(value.type);
    if (value.role == Role::constant) return fmt::format("constant {} {:016x}", type, content_hash(value.data));
    if (value.role == Role::input) return fmt::format("input {} of {}", type, surroundings());
    if (weights_.contains(value.name)) {
      return fmt::format("tensor {} {} {:016x}", type, to_string(weights_.type(value.name)), hash_of(value.name));
    }
    return fmt::format("tensor {} initialised {} {} by {} {}", type, static_cast<int>(value.init.kind),
                       value.init.value, seed_, value.name);
  }

  CacheKey key(ValueId id) {
    auto& known = known_[id.index];
    if (!known) known = key_of(of_tensor(graph_.value(id)));
    return *known;
  }

  void add(const Node& node) {
    std::string text = fmt::format("{} by {} {{", node.op->name, node.kernel);
    for (const auto& [name, value] : node.attrs.to_map()) text += fmt::format("{}={} ", name, to_string(value));
    text += "}";
    if (node.body) text += to_text(*node.body);
    for (const ValueId operand : node.operands) text += operand.valid() ? " " + to_hex(key(operand)) : " _";
    for (const ValueId result : node.results) {
      const Value& value = graph_.value(result);
      known_[result.index] = key_of(fmt::format("{} #{} {}", text, value.result_index, to_string(value.type)));
    }
  }

  const Program& program_;
  const Graph& graph_;
  const Weights& weights_;
  std::uint64_t seed_;
  std::map<std::string, std::uint64_t>& hashes_;
  std::vector<std::optional<CacheKey>> known_;
};

}  // namespace

std::map<std::string, CacheKey> recipes_of(const Program& features, const Weights& weights, std::uint64_t seed,
                                           std::map<std::string, std::uint64_t>& hashes) {
  return RecipeBook(features, weights, seed, hashes).run();
}

}  // namespace fcngraph::cache
