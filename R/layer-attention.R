# Attention between two sequences: for each step of the query a mean of the
# values, weighted by how well their keys match.

Attention <- R6::R6Class(
  "Attention",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    use_scale = FALSE,
    score_mode = "dot",
    dropout = 0,
    seed = NULL,
    scale = NULL,
    concat_score_weight = NULL,

    initialize = function(use_scale = FALSE, score_mode = "dot", dropout = 0,
                          seed = NULL, ...) {
      super$initialize(...)
      self$use_scale <- check_flag(use_scale, "use_scale")
      self$score_mode <- match_name(score_mode, c("dot", "concat"),
                                    "score_mode")
      self$dropout <- check_rate(dropout, "dropout")
      self$seed <- check_seed(seed)
      private$seeds <- if (inherits(self$seed, "elman_seed_generator")) {
        self$seed
      } else {
        new_seed_generator(self$seed)
      }
      self$supports_masking <- TRUE
    },

    convert_inputs = function(inputs) {
      check_queries(self, inputs)
      lapply(unname(inputs), convert_input, self = self)
    },

    check_input = function(shape) {
      check_queries(self, shape)
      check_attention_shapes(self, shape)
    },

    create_weights = function(input_shape) {
      if (self$use_scale) {
        self$scale <- self$add_weight(name = "scale", shape = integer(),
                                      initializer = "ones")
      }
      if (self$score_mode == "concat") {
        self$concat_score_weight <- self$add_weight(
          name = "concat_score_weight", shape = integer(), initializer = "ones"
        )
      }
    },

    call = function(inputs, return_attention_scores = FALSE,
                    use_causal_mask = FALSE, mask = NULL, training = FALSE) {
      mask <- check_query_masks(self, mask)
      query <- inputs[[1]]
      value <- inputs[[2]]
      key <- if (length(inputs) > 2L) inputs[[3]] else value
      scores <- self$scores(query, key)
      used <- mask[[2]]
      if (!is.null(used)) used <- op_expand_dims(used, 2L)
      if (check_flag(use_causal_mask, "use_causal_mask")) {
        used <- both_masks(used, causal_mask(shape_of(scores)))
      }
      if (!is.null(used)) {
        scores <- op_where(used, scores, op_subtract(scores, 1e9))
      }
      weights <- op_softmax(scores)
      if (training && self$dropout > 0) {
        weights <- op_multiply(weights, dropout_mask(
          shape_of(weights), self$dropout, self$dtype, next_key(private$seeds)
        ))
      }
      output <- op_matmul(weights, value)
      if (!is.null(mask[[1]])) {
        output <- op_where(op_expand_dims(mask[[1]], -1L), output, 0)
      }
      if (!check_flag(return_attention_scores, "return_attention_scores")) {
        return(output)
      }
      list(output, weights)
    },

    # [batch, queries, keys]
    scores = function(query, key) {
      if (self$score_mode == "dot") {
        scores <- multiply_matrices(query, key, FALSE, TRUE)
        return(if (self$use_scale) op_multiply(scores, self$scale) else scores)
      }
      sums <- pairwise_sums(query, key)
      if (self$use_scale) sums <- op_multiply(sums, self$scale)
      op_multiply(op_sum(op_tanh(sums), axis = -1L), self$concat_score_weight)
    },

    compute_mask = function(inputs, mask = NULL) {
      check_query_masks(self, mask)[[1]]
    },

    compute_output_shape = function(input_shape) {
      self$check_input(input_shape)
      c(input_shape[[1]][1:2], input_shape[[2]][3])
    },

    trace_outputs = function(shape, inputs, ...,
                             return_attention_scores = FALSE) {
      output <- new_symbolic(self$compute_output_shape(shape), self$dtype)
      if (!check_flag(return_attention_scores, "return_attention_scores")) {
        return(output)
      }
      scores <- c(shape[[1]][1:2], shape[[length(shape)]][2])
      list(output, new_symbolic(scores, self$dtype))
    },

    layer_config = function() {
      c(list(use_scale = self$use_scale, score_mode = self$score_mode,
             dropout = self$dropout), list(seed = self$seed))
    }
  ),
  private = list(seeds = NULL)
)

# Its scores are not products, and its scale is one number a feature.
AdditiveAttention <- R6::R6Class(
  "AdditiveAttention",
  inherit = Attention,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    initialize = function(use_scale = TRUE, dropout = 0, ...) {
      super$initialize(use_scale = use_scale, dropout = dropout, ...)
    },

    create_weights = function(input_shape) {
      if (!self$use_scale) return()
      features <- input_shape[[1]][3]
      if (is.na(features)) {
        abort_shape(sprintf(
          "Layer `%s` must know the query's number of features, not %s.",
          self$name, format_shape(input_shape[[1]])), "input_shape")
      }
      self$scale <- self$add_weight(name = "scale", shape = features,
                                    initializer = "glorot_uniform")
    },

    scores = function(query, key) {
      bent <- op_tanh(pairwise_sums(query, key))
      if (self$use_scale) bent <- op_multiply(bent, self$scale)
      op_sum(bent, axis = -1L)
    },

    layer_config = function() {
      config <- super$layer_config()
      config[names(config) != "score_mode"]
    }
  )
)

# ---- inputs and masks --------------------------------------------------------

check_queries <- function(self, inputs) {
  if (!is.list(inputs) || is.data.frame(inputs) ||
        !length(inputs) %in% 2:3) {
    must_be(inputs, "inputs", sprintf(
      "a list of query and value, or query, value and key, in layer `%s`",
      self$name))
  }
}

# Query [batch, queries, features], value [batch, keys, ...], key [batch, keys,
# features].
check_attention_shapes <- function(self, shapes) {
  query <- shapes[[1]]
  value <- shapes[[2]]
  key <- shapes[[length(shapes)]]
  ok <- all(lengths(shapes) == 3L) &&
    fits_shape(value[1:2], c(query[1], NA)) &&
    fits_shape(key, c(query[1], value[2], query[3]))
  if (!ok) {
    abort_shape(sprintf(paste(
      "The inputs of layer `%s` must have shapes [batch, queries, features],",
      "[batch, keys, ...] and [batch, keys, features], not %s."), self$name,
      paste(vapply(shapes, format_shape, ""), collapse = " and ")), "inputs")
  }
}

# One mask for each input, or none.
check_query_masks <- function(self, mask) {
  if (is.null(mask)) return(list(NULL, NULL))
  if (!is.list(mask) || !length(mask) %in% 2:3) {
    must_be(mask, "mask", sprintf(
      "a list of the query's mask and the value's, in layer `%s`", self$name))
  }
  mask
}

# [1, queries, keys] for scores [..., queries, keys]: nothing later than the
# query itself.
causal_mask <- function(shape) {
  n <- length(shape)
  allowed <- outer(seq_len(shape[n - 1L]), seq_len(shape[n]), `>=`)
  as_tensor(array(allowed, c(1L, dim(allowed))), "bool")
}

# [batch, queries, keys, features]
pairwise_sums <- function(query, key) {
  op_add(op_expand_dims(query, 3L), op_expand_dims(key, 2L))
}

#' Attention between sequences
#'
#' For each step of a query, compares it with the steps of a key and gives the
#' mean of the values, weighted by the softmax of these scores:
#'
#' \deqn{y_i = \sum_j p_{ij} v_j, \quad p_i = \mathrm{softmax}(s_i)}{
#'   y[i] = sum over j of p[i, j] v[j], p[i] = softmax(s[i])}
#'
#' The score s of query q and key k is, in `layer_attention()`, the product
#' \eqn{q \cdot k} (`score_mode = "dot"`) or the sum of \eqn{\tanh(q + k)} over
#' the features times a learned number (`"concat"`); in
#' `layer_additive_attention()` the sum of \eqn{w \tanh(q + k)} with learned w.
#'
#' Weights: with `use_scale` `scale`, one number, or in
#' `layer_additive_attention()` one a feature; with `"concat"`
#' `concat_score_weight`, one number.
#'
#' @inheritParams layer_dropout
#' @param object What the layer is called on: a list of query
#'   `[batch, queries, features]`, value `[batch, keys, ...]` and, where it is
#'   not the value, key `[batch, keys, features]`. Missing or `NULL`: the layer
#'   is returned, to be called on such a list.
#' @param use_scale Whether the scores are multiplied by learned numbers.
#' @param score_mode `"dot"` or `"concat"`.
#' @param dropout Fraction of the weights p to drop in training.
#' @section Call arguments: `mask`, a list of the query's mask
#'   `[batch, queries]`, where outputs are 0, and the value's `[batch, keys]`,
#'   where nothing is looked at, each possibly `NULL`, in place of those that
#'   the inputs carry; `return_attention_scores = TRUE` gives a list of output
#'   and weights p `[batch, queries, keys]`; `use_causal_mask = TRUE` lets a
#'   query see no key later than itself; `training`.
#' @return A layer, or what the layer gives: `[batch, queries, ...]`. It carries
#'   the query's mask.
#' @section Errors: `elman_error_argument` for an argument out of range, an
#'   input that is not such a list or a mask that is not; `elman_error_shape`
#'   where the shapes do not go together.
#' @source Luong, Pham and Manning (2015) <https://arxiv.org/abs/1508.04025>;
#'   Bahdanau, Cho and Bengio (2015) <https://arxiv.org/abs/1409.0473>.
#' @family attention layers
#' @examples
#' query <- array(rnorm(12), c(1, 4, 3))
#' value <- array(rnorm(15), c(1, 5, 3))
#' layer_attention(list(query, value))
#' layer <- layer_additive_attention()
#' dim(layer(list(query, value), return_attention_scores = TRUE)[[2]])
#' @name attention_layers
NULL

#' @rdname attention_layers
#' @export
layer_attention <- function(object, use_scale = FALSE, score_mode = "dot",
                            dropout = 0, seed = NULL, ...) {
  compose_layer(object, function() {
    Attention$new(use_scale, score_mode, dropout, seed, ...)
  })
}

#' @rdname attention_layers
#' @export
layer_additive_attention <- function(object, use_scale = TRUE, dropout = 0,
                                     ...) {
  compose_layer(object, function() {
    AdditiveAttention$new(use_scale, dropout, ...)
  })
}
