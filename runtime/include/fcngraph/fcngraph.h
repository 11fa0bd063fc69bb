// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything that an embedder needs: models, programs, sessions, weights, images, data sets.
#include <fcngraph/dataset.h>
#include <fcngraph/engine/error.h>
#include <fcngraph/engine/op.h>
#include <fcngraph/image.h>
#include <fcngraph/model.h>
#include <fcngraph/predictor.h>
#include <fcngraph/program.h>
#include <fcngraph/session.h>
#include <fcngraph/tensor.h>
#include <fcngraph/version.h>
#include <fcngraph/weights.h>
