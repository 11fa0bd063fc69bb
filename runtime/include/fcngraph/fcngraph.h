// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything that an embedder needs: models, programs, sessions, weights, images, data sets.
#include <fcngraph/backend_choice.h>
#include <fcngraph/benchmark.h>
#include <fcngraph/cache.h>
#include <fcngraph/calibration.h>
#include <fcngraph/compare.h>
#include <fcngraph/data_source.h>
#include <fcngraph/dataset.h>
#include <fcngraph/doctor.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/environment.h>
#include <fcngraph/evaluate.h>
#include <fcngraph/image.h>
#include <fcngraph/import.h>
#include <fcngraph/metrics.h>
#include <fcngraph/model.h>
#include <fcngraph/predictor.h>
#include <fcngraph/program.h>
#include <fcngraph/ranges.h>
#include <fcngraph/schema.h>
#include <fcngraph/session.h>
#include <fcngraph/tensor.h>
#include <fcngraph/trainer.h>
#include <fcngraph/tuning.h>
#include <fcngraph/version.h>
#include <fcngraph/weights.h>
