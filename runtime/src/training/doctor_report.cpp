// SPDX-License-Identifier: Apache-2.0
#include <fcngraph/doctor.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <fcngraph/engine/error.h>

namespace fcngraph {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormatVersion = 1;

/// A number that ran away is written as null, since JSON has no infinity.
double number(const Json& value) { return value.is_number() ? value.get<double>() : 0.0; }

Json json_of(const Finding& f) {
  return {{"sign", name_of(f.sign)}, {"alarm", f.alarm},     {"where", f.where}, {"step", f.step},
          {"value", f.value},        {"message", f.message}, {"mend", f.mend}};
}

Finding finding_from(const Json& json) {
  const auto name = json.at("sign").get<std::string>();
  const auto sign = sign_from(name);
  if (!sign) throw GraphError(fmt::format("there is no sign '{}'", name));
  return {*sign,
          json.at("alarm").get<bool>(),
          json.at("where").get<std::string>(),
          json.at("step").get<std::int64_t>(),
          number(json.at("value")),
          json.at("message").get<std::string>(),
          json.at("mend").get<std::string>()};
}

}  // namespace

std::string_view name_of(Sign sign) noexcept {
  switch (sign) {
    case Sign::saturated:
      return "saturated";
    case Sign::never_predicted:
      return "never_predicted";
    case Sign::loss_over_error:
      return "loss_over_error";
    case Sign::zero_gradients:
      return "zero_gradients";
    case Sign::loss_scale:
      return "loss_scale";
    case Sign::logit_range:
      return "logit_range";
    case Sign::tap_ratio:
      return "tap_ratio";
    case Sign::not_finite:
      return "not_finite";
    case Sign::frozen_at_init:
      return "frozen_at_init";
    case Sign::dead_channels:
      return "dead_channels";
    default:
      return "data_wait";
  }
}

std::optional<Sign> sign_from(std::string_view name) noexcept {
  for (const Sign sign : kSigns) {
    if (name_of(sign) == name) return sign;
  }
  return std::nullopt;
}

std::string to_json(const DoctorReport& report) {
  Json heads = Json::object(), taps = Json::object(), findings = Json::array();
  for (const auto& head : report.heads) {
    heads[head.name] = {{"saturated_share", head.saturated_share},
                        {"loss_over_error", head.loss_over_error},
                        {"logit_range", head.logit_range},
                        {"never_predicted", head.never_predicted}};
  }
  for (const auto& [head, rms] : report.tap_rms) taps[head] = rms;
  for (const auto& finding : report.findings) findings.push_back(json_of(finding));
  const Json out = {
      {"format_version", kFormatVersion},
      {"mode", report.mode},
      {"steps", report.steps},
      {"cost_share", report.cost_share},
      {"heads", std::move(heads)},
      {"tap_rms", std::move(taps)},
      {"zero_gradient_share", report.zero_gradient_share},
      {"dead_channel_share", report.dead_channel_share},
      {"data_wait_share", report.data_wait_share},
      {"skipped_steps", report.skipped_steps},
      {"loss_scale_halvings", report.loss_scale_halvings ? Json(*report.loss_scale_halvings) : Json(nullptr)},
      {"findings", std::move(findings)}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace);
}

DoctorReport doctor_report_from_json(std::string_view text) try {
  const Json json = Json::parse(text);
  const auto version = json.at("format_version").get<int>();
  if (version > kFormatVersion)
    throw GraphError(fmt::format("has format version {}, this program knows up to {}", version, kFormatVersion));
  DoctorReport report;
  report.mode = json.at("mode").get<std::string>();
  report.steps = json.at("steps").get<std::int64_t>();
  report.cost_share = number(json.at("cost_share"));
  for (const auto& [name, head] : json.at("heads").items()) {
    report.heads.push_back({name, number(head.at("saturated_share")), number(head.at("loss_over_error")),
                            number(head.at("logit_range")),
                            head.at("never_predicted").get<std::vector<std::string>>()});
  }
  for (const auto& [head, rms] : json.at("tap_rms").items()) report.tap_rms.emplace_back(head, number(rms));
  report.zero_gradient_share = number(json.at("zero_gradient_share"));
  report.dead_channel_share = number(json.at("dead_channel_share"));
  report.data_wait_share = number(json.at("data_wait_share"));
  report.skipped_steps = json.at("skipped_steps").get<std::int64_t>();
  if (!json.at("loss_scale_halvings").is_null())
    report.loss_scale_halvings = json.at("loss_scale_halvings").get<std::int64_t>();
  for (const auto& finding : json.at("findings")) report.findings.push_back(finding_from(finding));
  return report;
} catch (const nlohmann::json::exception& error) {
  throw GraphError(fmt::format("doctor's report is damaged: {}", error.what()));
}

}  // namespace fcngraph
