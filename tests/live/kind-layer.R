# The layers around recurrent ones: outputs, masks, shapes, gradients, what they
# change in training, penalties and the names in their configurations.

binary <- function() sample(c(0.125, 0.25, 0.5, 0.75), 1)
some_axes <- function(from, to) {
  axes <- sort(sample(from:to, draw_size(to - from + 1L)))
  if (length(axes) == 1L && draw_flag()) axes - to - 1L else axes
}
one_axis <- function(from, to) sample(c(from:to, (from:to) - to - 1L), 1)
draw_sequence <- function(time = 1L + draw_size(8), channels = draw_size(5)) {
  c(draw_size(4), time, channels)
}

draw_scale_shift <- function(...) {
  list(..., epsilon = binary() / 64, center = draw_flag(0.7),
       scale = draw_flag(0.7))
}

# `paddings` to choose from; a window that fits into `time` steps.
draw_window <- function(time, paddings) {
  kernel_size <- draw_size(4)
  dilation <- if (draw_flag(0.3)) draw_size(3) else 1L
  padding <- sample(paddings, 1)
  while ((kernel_size - 1L) * dilation + 1L > time) {
    if (dilation > 1L) dilation <- dilation - 1L else
      kernel_size <- kernel_size - 1L
  }
  list(kernel_size = kernel_size, dilation_rate = dilation, padding = padding,
       strides = if (dilation == 1L) draw_size(3) else 1L,
       use_bias = draw_flag(0.7),
       activation = draw_activation(setdiff(activation_names, "exponential")))
}

draw_pool <- function(case) {
  case$arguments <- list(
    pool_size = draw_size(min(4L, dim(case$x[[1]])[2])),
    strides = draw_size(3), padding = sample(c("valid", "same"), 1)
  )
  case
}

of_sequence <- function(class, make, shape = draw_sequence()) {
  list(class = class, make = make, x = list(draw_array(shape)),
       arguments = list())
}

# A case for each layer, without its weights.
layer_draws <- list(
  relu = function() {
    case <- of_sequence("ReLU", "activation_relu")
    case$arguments <- list(negative_slope = binary(), threshold = binary())
    if (draw_flag()) case$arguments$max_value <- 0.5 + binary()
    case
  },
  leaky_relu = function() {
    case <- of_sequence("LeakyReLU", "activation_leaky_relu")
    case$arguments <- list(negative_slope = binary())
    case
  },
  elu = function() {
    case <- of_sequence("ELU", "activation_elu")
    case$arguments <- list(alpha = binary())
    case
  },
  softmax = function() {
    case <- of_sequence("Softmax", "activation_softmax")
    case$arguments <- list(axis = some_axes(2L, 3L))
    if (draw_flag()) case$call <- list(mask = draw_mask(dim(case$x[[1]])))
    case
  },
  parametric_relu = function() {
    case <- of_sequence("PReLU", "activation_parametric_relu")
    if (draw_flag()) {
      case$arguments <- list(shared_axes = I(sort(sample(2:3, draw_size(2)))))
    }
    case
  },
  activity_regularization = function() {
    case <- of_sequence("ActivityRegularization", "activity_regularization")
    case$arguments <- list(l1 = binary(), l2 = binary())
    case
  },
  layer_normalization = function() {
    case <- of_sequence("LayerNormalization", "layer_normalization")
    case$arguments <- draw_scale_shift(axis = some_axes(2L, 3L))
    case
  },
  batch_normalization = function() {
    case <- of_sequence("BatchNormalization", "batch_normalization")
    case$arguments <- draw_scale_shift(axis = one_axis(2L, 3L),
                                       momentum = binary(),
                                       trainable = draw_flag(0.8))
    case$call <- list(training = draw_flag(0.7))
    if (case$arguments$axis %in% c(3L, -1L) && dim(case$x[[1]])[3] > 1L &&
          draw_flag()) {
      case$masks <- list(draw_mask(dim(case$x[[1]])[1:2]))
    }
    case
  },
  group_normalization = function() {
    axis <- one_axis(2L, 3L)
    groups <- draw_size(3)
    shape <- draw_sequence(draw_size(3) * groups, draw_size(3) * groups)
    case <- of_sequence("GroupNormalization", "group_normalization", shape)
    case$arguments <- draw_scale_shift(
      groups = if (draw_flag(0.2)) -1L else groups, axis = axis
    )
    case
  },
  unit_normalization = function() {
    case <- of_sequence("UnitNormalization", "unit_normalization")
    case$arguments <- list(axis = some_axes(2L, 3L))
    case
  },
  normalization = function() {
    case <- of_sequence("Normalization", "normalization")
    case$arguments <- list(axis = I(some_axes(2L, 3L)), invert = draw_flag())
    if (draw_flag()) {
      case$adapt <- draw_array(7, dim(case$x[[1]])[-1])
    } else {
      case$arguments$mean <- binary()
      case$arguments$variance <- binary()
    }
    case
  },
  conv_1d = function() {
    groups <- if (draw_flag(0.3)) draw_size(3) else 1L
    shape <- draw_sequence(channels = groups * draw_size(3))
    case <- of_sequence("Conv1D", "conv_1d", shape)
    case$arguments <- c(
      list(filters = groups * draw_size(3), groups = groups),
      draw_window(shape[2], c("valid", "same", "causal"))
    )
    case
  },
  depthwise_conv_1d = function() {
    shape <- draw_sequence()
    case <- of_sequence("DepthwiseConv1D", "depthwise_conv_1d", shape)
    case$arguments <- c(list(depth_multiplier = draw_size(3)),
                        draw_window(shape[2], c("valid", "same")))
    case
  },
  separable_conv_1d = function() {
    shape <- draw_sequence()
    case <- of_sequence("SeparableConv1D", "separable_conv_1d", shape)
    case$arguments <- c(list(filters = draw_size(4),
                             depth_multiplier = draw_size(3)),
                        draw_window(shape[2], c("valid", "same")))
    case
  },
  conv_1d_transpose = function() {
    shape <- draw_sequence()
    case <- of_sequence("Conv1DTranspose", "conv_1d_transpose", shape)
    case$arguments <- c(list(filters = draw_size(4)),
                        draw_window(shape[2], c("valid", "same")))
    # TensorFlow on a processor has no dilation here.
    case$arguments$dilation_rate <- 1L
    if (case$arguments$padding == "valid" && draw_flag(0.3)) {
      case$arguments$output_padding <- draw_size(case$arguments$strides) - 1L
    }
    case
  },
  max_pooling_1d = function() {
    draw_pool(of_sequence("MaxPooling1D", "max_pooling_1d"))
  },
  average_pooling_1d = function() {
    draw_pool(of_sequence("AveragePooling1D", "average_pooling_1d"))
  },
  global_max_pooling_1d = function() {
    case <- of_sequence("GlobalMaxPooling1D", "global_max_pooling_1d")
    case$arguments <- list(keepdims = draw_flag())
    case
  },
  global_average_pooling_1d = function() {
    case <- of_sequence("GlobalAveragePooling1D", "global_average_pooling_1d")
    case$arguments <- list(keepdims = draw_flag())
    if (draw_flag()) {
      mask <- draw_mask(dim(case$x[[1]])[1:2])
      mask[, 1] <- 1
      case$masks <- list(mask)
    }
    case
  },
  upsampling_1d = function() {
    case <- of_sequence("UpSampling1D", "upsampling_1d")
    case$arguments <- list(size = draw_size(3))
    case
  },
  zero_padding_1d = function() {
    case <- of_sequence("ZeroPadding1D", "zero_padding_1d")
    case$arguments <- list(padding = sample(0:3, 2))
    case
  },
  cropping_1d = function() {
    case <- of_sequence("Cropping1D", "cropping_1d",
                        draw_sequence(4L + draw_size(3)))
    case$arguments <- list(cropping = sample(0:2, 2))
    case
  },
  attention = function() {
    case <- draw_queries("Attention", "attention")
    case$arguments <- list(use_scale = draw_flag(),
                           score_mode = sample(c("dot", "concat"), 1))
    case
  },
  additive_attention = function() {
    case <- draw_queries("AdditiveAttention", "additive_attention")
    case$arguments <- list(use_scale = draw_flag())
    case
  },
  multi_head_attention = function() draw_heads()
)

# Query, value and perhaps key. The first key is seen by all.
draw_queries <- function(class, make, same = TRUE) {
  batch <- draw_size(3)
  steps <- c(draw_size(4), draw_size(4))
  features <- draw_size(4)
  shapes <- list(c(batch, steps[1], features),
                 c(batch, steps[2], if (same) features else draw_size(4)))
  if (draw_flag()) shapes[[3]] <- c(batch, steps[2], features)
  if (same && length(shapes) == 3L) shapes[[2]][3] <- draw_size(4)
  case <- list(class = class, make = make, x = lapply(shapes, draw_array),
               call = list(return_attention_scores = draw_flag(),
                           use_causal_mask = draw_flag(0.3)))
  if (draw_flag()) {
    value <- draw_mask(batch, steps[2])
    value[, 1] <- 1
    case$masks <- list(draw_mask(batch, steps[1]), value, array(0, 0))
    case$masks <- case$masks[seq_along(shapes)]
  }
  case
}

draw_heads <- function() {
  case <- draw_queries("MultiHeadAttention", "multi_head_attention",
                       same = FALSE)
  # Keras takes the root of other sizes in float32, and its sum with a bias
  # [heads, 1] goes along steps where there are as many.
  case$arguments <- list(num_heads = draw_size(3),
                         key_dim = sample(c(4L, 16L), 1),
                         use_bias = draw_flag())
  if (draw_flag()) case$arguments$value_dim <- 1L + draw_size(4)
  if (draw_flag(0.3)) case$arguments$output_shape <- c(2L, draw_size(3))
  if (draw_flag(0.3)) {
    d <- vapply(case$x, function(x) dim(x)[2], 1L)
    case$call$attention_mask <- draw_mask(dim(case$x[[1]])[1], d[1:2])
  }
  if (draw_flag(0.3)) {
    # Two axes between batch and features, attended along one or both.
    case$x <- lapply(case$x, function(x) {
      shape <- c(dim(x)[1], 3L, dim(x)[-1])
      draw_array(shape)
    })
    case$arguments$attention_axes <-
      if (dim(case$x[[1]])[3] == dim(case$x[[2]])[3] && draw_flag()) {
        I(1:2)
      } else {
        I(2L)
      }
    case$masks <- NULL
    case$call <- case$call["return_attention_scores"]
  }
  case
}

make_layer <- function(case) {
  do.call(get(paste0("layer_", case$make)), lapply(case$arguments, unclass))
}

draw_layer <- function(name) {
  case <- layer_draws[[name]]()
  layer <- make_layer(case)
  suppressWarnings(call_case(layer, case, lapply(case$x, as_tensor)))
  case$weights <- lapply(layer$weights, function(v) {
    shape <- dim(v)
    values <- draw_array(if (length(shape)) shape else 1L, scale = 0.5)
    if (v$name %in% c("moving_variance", "variance")) abs(values) + 0.25 else
      values
  })
  if (case$class == "Normalization") case$weights <- list()
  case
}

# On tensors that carry the case's masks, with its settings.
call_case <- function(layer, case, inputs) {
  marked <- lapply(seq_along(inputs), function(k) {
    x <- inputs[[k]]
    mask <- if (length(case$masks)) case$masks[[k]]
    if (length(mask)) attr(x, "mask") <- as_tensor(mask > 0)
    x
  })
  settings <- lapply(case$call, function(value) {
    if (is.array(value)) value > 0 else value
  })
  if (case$class == "MultiHeadAttention") {
    return(do.call(layer, c(marked, settings)))
  }
  if (length(marked) == 1L) marked <- marked[[1]]
  do.call(layer, c(list(marked), settings))
}

# Single numbers are drawn as vectors of one.
set_drawn <- function(layer, case) {
  if (!length(case$weights)) return()
  set_weights(layer, Map(function(v, values) {
    if (length(dim(v))) values else as.vector(values)
  }, layer$weights, case$weights))
}

layer_results <- function(case) {
  layer <- make_layer(case)
  if (!is.null(case$adapt)) adapt(layer, case$adapt)
  call <- function(...) call_case(layer, case, list(...))
  outputs <- flat_outputs(do.call(call, lapply(case$x, as_tensor)))
  set_drawn(layer, case)
  found <- answers(call, case$x, layer$trainable_weights)
  # What one call alone leaves behind.
  set_drawn(layer, case)
  do.call(call, lapply(case$x, as_tensor))
  state <- lapply(layer$non_trainable_weights, as.array)
  c(found,
    stats::setNames(state, sprintf("state %d", seq_along(state))),
    list(
      penalties = array(c(0, vapply(layer$losses, as.numeric, 0))),
      shapes = array(unlist(lapply(outputs, dim))),
      entries = array(utf8ToInt(toString(names(get_config(layer)))))
    ))
}

next_layer <- in_turn(names(layer_draws))
live_kinds$layer <- list(
  count = 6L * length(layer_draws),
  draw = function() draw_layer(next_layer()),
  answer = layer_results
)
