# Multi-head attention: several attentions side by side over projections of
# query, key and value, and a projection of what they give.

head_roles <- c("kernel_initializer", "bias_initializer", "kernel_regularizer",
                "bias_regularizer", "activity_regularizer", "kernel_constraint",
                "bias_constraint")

MultiHeadAttention <- R6::R6Class(
  "MultiHeadAttention",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    num_heads = NULL,
    key_dim = NULL,
    value_dim = NULL,
    dropout = 0,
    use_bias = TRUE,
    # The sizes that the last axis becomes; NULL for what it was.
    output_sizes = NULL,
    # Counted from 0, the batch.
    attention_axes = NULL,
    seed = NULL,
    query_dense = NULL,
    key_dense = NULL,
    value_dense = NULL,
    output_dense = NULL,

    initialize = function(num_heads,
                          key_dim,
                          value_dim = NULL,
                          dropout = 0,
                          use_bias = TRUE,
                          output_shape = NULL,
                          attention_axes = NULL,
                          flash_attention = NULL,
                          kernel_initializer = "glorot_uniform",
                          bias_initializer = "zeros",
                          kernel_regularizer = NULL,
                          bias_regularizer = NULL,
                          activity_regularizer = NULL,
                          kernel_constraint = NULL,
                          bias_constraint = NULL,
                          seed = NULL,
                          ...,
                          use_gate = FALSE,
                          sliding_window = NULL) {
      super$initialize(...)
      self$supports_masking <- TRUE
      self$nests <- TRUE
      self$num_heads <- check_count(num_heads, "num_heads")
      self$key_dim <- check_count(key_dim, "key_dim")
      self$value_dim <- check_count(value_dim %||% key_dim, "value_dim")
      self$dropout <- check_rate(dropout, "dropout")
      self$use_bias <- check_flag(use_bias, "use_bias")
      self$output_sizes <- check_output_sizes(output_shape)
      self$attention_axes <- check_attention_axes(attention_axes)
      if (isTRUE(flash_attention)) {
        must_be(flash_attention, "flash_attention", "NULL or FALSE")
      }
      if (!isFALSE(use_gate)) must_be(use_gate, "use_gate", "FALSE")
      if (!is.null(sliding_window)) {
        must_be(sliding_window, "sliding_window", "NULL")
      }
      given <- mget(head_roles)
      private$roles <- Map(function(value, name) {
        get(sub(".*_", "get_", name), own_namespace())(value, name)
      }, given, head_roles)
      self$seed <- check_seed(seed)
      private$seeds <- if (inherits(self$seed, "elman_seed_generator")) {
        self$seed
      } else {
        new_seed_generator(self$seed)
      }
    },

    sublayers = function() {
      Filter(Negate(is.null), list(self$query_dense, self$key_dense,
                                   self$value_dense, self$output_dense))
    },

    # Built from the shapes of query, value and key; called on the query, with
    # the others beside it, as Keras writes its calls.
    build = function(query_shape, value_shape = query_shape, key_shape = NULL) {
      shapes <- list(query_shape, value_shape, key_shape %||% value_shape)
      super$build(lapply(shapes, as_shape, arg = "input_shape"))
    },

    invoke = function(query, value, key = NULL, ...) {
      if (missing(query)) must_be_given("query", "a tensor or array")
      if (missing(value)) must_be_given("value", "a tensor or array")
      rest <- list(value, key)
      rest <- lapply(rest, function(x) {
        if (is.null(x) || is_symbolic(x)) x else convert_input(self, x)
      })
      if (!self$built) {
        self$build(shape_of(if (is.list(query)) query[[1]] else operand(query)),
                   shape_of(rest[[1]]),
                   if (!is.null(rest[[2]])) shape_of(rest[[2]]))
      }
      if (is.null(rest[[2]])) return(call_layer(self, query, rest[[1]], ...))
      call_layer(self, query, rest[[1]], key = rest[[2]], ...)
    },

    check_input = function(shape) {
      if (is.list(shape)) return(check_head_shapes(self, shape))
      private$check_features(shape, "query", 1L)
    },

    create_weights = function(input_shape) {
      query <- input_shape[[1]]
      private$rank <- length(query)
      private$features <- vapply(input_shape, utils::tail, 1L, n = 1L)
      if (is.null(self$attention_axes)) {
        self$attention_axes <- seq_len(private$rank - 2L)
      } else {
        self$attention_axes <- resolve_attention_axes(self, private$rank)
      }
      heads <- function(shape, size, name) {
        private$project(shape, c(self$num_heads, size), 1L, name)
      }
      self$query_dense <- heads(query, self$key_dim, "query")
      self$key_dense <- heads(input_shape[[3]], self$key_dim, "key")
      self$value_dense <- heads(input_shape[[2]], self$value_dim, "value")
      joined <- c(query[-private$rank], self$num_heads, self$value_dim)
      self$output_dense <- private$project(
        joined, self$output_sizes %||% private$features[1], 2L,
        "attention_output"
      )
    },

    call = function(query, value, key = NULL, query_mask = NULL,
                    value_mask = NULL, key_mask = NULL, attention_mask = NULL,
                    return_attention_scores = FALSE, use_causal_mask = FALSE,
                    mask = NULL, training = FALSE) {
      private$check_call(query, value, key %||% value)
      return_scores <- check_flag(return_attention_scores,
                                  "return_attention_scores")
      causal <- check_flag(use_causal_mask, "use_causal_mask")
      if (causal) check_causal(self)
      used <- head_mask(
        query_mask %||% get_mask(query), value_mask %||% get_mask(value),
        key_mask %||% if (!is.null(key)) get_mask(key), attention_mask,
        if (causal) c(shape_of(query)[2], shape_of(value)[2])
      )
      q <- self$query_dense$invoke(unmasked(query))
      k <- self$key_dense$invoke(unmasked(key %||% value))
      v <- self$value_dense$invoke(unmasked(value))
      # Keras looks at all alike where nothing may be looked at, but at nothing
      # where it drops weights or gives them.
      nothing <- self$dropout > 0 || return_scores || private$rank != 3L
      drop <- if (training && self$dropout > 0) private$drop
      found <- attend_heads(op_multiply(q, 1 / sqrt(self$key_dim)), k, v,
                            self$attention_axes + 1L, used, nothing, drop,
                            self$name)
      output <- self$output_dense$invoke(found$output)
      if (return_scores) list(output, found$scores) else output
    },

    compute_output_shape = function(input_shape) {
      query <- if (is.list(input_shape)) input_shape[[1]] else input_shape
      n <- length(query)
      c(query[-n], self$output_sizes %||% query[n])
    },

    trace_outputs = function(shape, query, value, ...,
                             return_attention_scores = FALSE) {
      output <- new_symbolic(self$compute_output_shape(shape), self$dtype)
      if (!check_flag(return_attention_scores, "return_attention_scores")) {
        return(output)
      }
      axes <- self$attention_axes + 1L
      scores <- c(shape[-c(axes, length(shape))], self$num_heads, shape[axes],
                  shape_of(value)[axes])
      list(output, new_symbolic(scores, self$dtype))
    },

    layer_config = function() {
      some <- function(x) if (!is.null(x)) as.list(x)
      c(entries_of(self, c("num_heads", "key_dim", "value_dim", "dropout",
                           "use_bias")),
        list(use_gate = FALSE, output_shape = some(self$output_sizes)),
        list(attention_axes = some(self$attention_axes),
             sliding_window = NULL),
        lapply(private$roles, serialize_object), list(seed = self$seed))
    },

    get_build_config = function() {
      shapes <- private$built_shape
      if (is.null(shapes)) return(NULL)
      names(shapes) <- c("query_shape", "value_shape", "key_shape")
      list(shapes_dict = shapes)
    }
  ),

  private = list(
    roles = NULL,
    seeds = NULL,
    rank = NULL,
    features = NULL,

    drop = function(weights) {
      op_multiply(weights, dropout_mask(shape_of(weights), self$dropout,
                                        self$dtype, next_key(private$seeds)))
    },

    project = function(shape, sizes, bound, name) {
      layer <- HeadDense$new(
        sizes, bound, self$use_bias, private$roles, name = name,
        dtype = self$dtype,
        activity_regularizer = private$roles$activity_regularizer
      )
      place_inside(layer, self)
      layer$build(shape)
      layer
    },

    check_features = function(shape, what, k) {
      features <- private$features[k]
      if (!fits_shape(shape, c(rep(NA, private$rank - 1L), features))) {
        abort_shape(sprintf(paste(
          "The %s of layer `%s` must have %d axes, the last of size %d, not",
          "shape %s."), what, self$name, private$rank, features,
          format_shape(shape)), what)
      }
    },

    check_call = function(query, value, key) {
      check_head_shapes(self, shapes_of(list(query, value, key)))
      private$check_features(shape_of(value), "value", 2L)
      private$check_features(shape_of(key), "key", 3L)
    }
  )
)

#' Multi-head attention
#'
#' Projects query, key and value to `num_heads` heads, lets each head compare
#' queries with keys and take means of the values, and projects what all heads
#' give together back:
#'
#' \deqn{s_{ij} = \frac{q_i \cdot k_j}{\sqrt{d}}, \quad
#'   y_i = \sum_j \mathrm{softmax}(s_i)_j v_j}{
#'   s[i, j] = q[i] . k[j] / sqrt(d),
#'   y[i] = sum over j of softmax(s[i])[j] v[j]}
#'
#' with q, k and v the projections of one head and d their size `key_dim`. Where
#' query, value and key are the same sequence, this is self-attention.
#'
#' Weights: kernels and biases of the projections `query`
#' `[features, heads, key_dim]`, `key` likewise, `value`
#' `[features, heads, value_dim]` and `attention_output`
#' `[heads, value_dim, features]`.
#'
#' @inheritParams layer_dense
#' @param inputs What the layer is called on: a list of query
#'   `[batch, queries, features]`, value `[batch, keys, ...]` and, where it is
#'   not the value, key. Missing or `NULL`: the layer is returned, to be called
#'   as `layer(query, value, key)`.
#' @param num_heads Number of heads.
#' @param key_dim,value_dim Sizes of the projections of query and key, and of
#'   the value; `NULL` for that of the key.
#' @param dropout Fraction of the weights that training drops.
#' @param output_shape Sizes that replace the last axis of the query in the
#'   output; `NULL` for its own.
#' @param attention_axes Along which axes to attend: 1 is the first behind the
#'   batch; negative ones count from the end. `NULL` for all between batch and
#'   features.
#' @param flash_attention `NULL` or `FALSE`.
#' @param kernel_initializer,bias_initializer How the weights of all projections
#'   start.
#' @param kernel_regularizer,bias_regularizer,activity_regularizer Penalties on
#'   the weights and outputs of each projection.
#' @param kernel_constraint,bias_constraint Applied to the weights after each
#'   update.
#' @param seed A whole number that fixes what is dropped, or `NULL`.
#' @section Call arguments: `attention_mask` `[batch, queries, keys]`, with an
#'   axis of heads behind the batch if you like, is `TRUE` where a query may
#'   look at a key; `use_causal_mask = TRUE` lets none look at a later one;
#'   `query_mask`, `value_mask` and `key_mask` `[batch, steps]` stand for those
#'   that the inputs carry; `return_attention_scores = TRUE` gives a list of
#'   output and weights `[batch, heads, queries, keys]`; `training`.
#' @return A layer, or what the layer gives: `[batch, queries, features]`. It
#'   carries the query's mask.
#' @section Errors: `elman_error_argument` for an argument out of range or a
#'   missing value; `elman_error_shape` where the shapes of inputs or masks do
#'   not go together.
#' @section Compatibility: `attention_axes` are counted as in keras3, which
#'   hands them on to Keras as they are. Keras ignores a `query_mask` that is
#'   given by hand, and takes the masks off the inputs themselves, so that
#'   layers beside this one no longer see them; here they stay. As in Keras, a
#'   query that may look at nothing gives the mean of all values, or, with
#'   dropout or where scores are returned, of none.
#' @source Vaswani et al. (2017) <https://arxiv.org/abs/1706.03762>.
#' @family attention layers
#' @examples
#' x <- array(rnorm(24), c(2, 4, 3))
#' layer <- layer_multi_head_attention(num_heads = 2, key_dim = 5)
#' dim(layer(x, x))
#' c(output, scores) %<-%
#'   layer(x, x, use_causal_mask = TRUE, return_attention_scores = TRUE)
#' scores[1, 1, , ]
#' @export
layer_multi_head_attention <- function(inputs,
                                       num_heads,
                                       key_dim,
                                       value_dim = NULL,
                                       dropout = 0,
                                       use_bias = TRUE,
                                       output_shape = NULL,
                                       attention_axes = NULL,
                                       flash_attention = NULL,
                                       kernel_initializer = "glorot_uniform",
                                       bias_initializer = "zeros",
                                       kernel_regularizer = NULL,
                                       bias_regularizer = NULL,
                                       activity_regularizer = NULL,
                                       kernel_constraint = NULL,
                                       bias_constraint = NULL,
                                       seed = NULL,
                                       ...) {
  num_heads <- check_count(num_heads, "num_heads")
  key_dim <- check_count(key_dim, "key_dim")
  arguments <- own_arguments("inputs")
  layer <- make_instance(MultiHeadAttention, arguments, ...)
  if (missing(inputs) || is.null(inputs)) return(wrap_layer(layer))
  if (!is.list(inputs) || is.data.frame(inputs)) inputs <- list(inputs)
  do.call(layer$invoke, inputs)
}
