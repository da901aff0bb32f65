# The embedding layer: a row of numbers for each of a fixed set of ids.

Embedding <- R6::R6Class(
  "Embedding",
  inherit = LayerBase,
  lock_objects = FALSE,
  cloneable = FALSE,
  public = list(
    input_dim = NULL,
    output_dim = NULL,
    mask_zero = FALSE,
    # What a sequential model feeds to it as its first layer.
    input_dtype = "int32",
    lora_rank = NULL,
    lora_alpha = NULL,
    lora_enabled = FALSE,
    lora_embeddings_a = NULL,
    lora_embeddings_b = NULL,

    initialize = function(input_dim,
                          output_dim,
                          embeddings_initializer = "uniform",
                          embeddings_regularizer = NULL,
                          embeddings_constraint = NULL,
                          mask_zero = FALSE,
                          weights = NULL,
                          lora_rank = NULL,
                          lora_alpha = NULL,
                          ...,
                          input_length = NULL,
                          quantization_config = NULL) {
      if (!is.null(weights) && !is.list(weights)) weights <- list(weights)
      super$initialize(..., weights = weights)
      if (!is.null(quantization_config)) {
        must_be(quantization_config, "quantization_config", "NULL")
      }
      if (!is.null(input_length)) {
        warn_elman("`input_length` is not needed and not used: leave it out.")
      }
      self$input_dim <- check_count(input_dim, "input_dim")
      self$output_dim <- check_count(output_dim, "output_dim")
      self$embeddings_initializer <-
        get_initializer(embeddings_initializer, "embeddings_initializer")
      self$embeddings_regularizer <-
        get_regularizer(embeddings_regularizer, "embeddings_regularizer")
      self$embeddings_constraint <-
        get_constraint(embeddings_constraint, "embeddings_constraint")
      self$mask_zero <- check_flag(mask_zero, "mask_zero")
      self$lora_rank <- if (!is.null(lora_rank)) {
        check_count(lora_rank, "lora_rank")
      }
      self$lora_alpha <- check_number(lora_alpha, "lora_alpha", null_ok = TRUE)
      if (!is.null(lora_rank)) private$check_lora()
      self$supports_masking <- self$mask_zero
      if (!is.null(weights)) self$build()
    },

    build = function(input_shape = NA) super$build(input_shape),

    create_weights = function(input_shape) {
      private$own_embeddings <- self$add_weight(
        name = "embeddings", shape = c(self$input_dim, self$output_dim),
        initializer = self$embeddings_initializer,
        regularizer = self$embeddings_regularizer,
        constraint = self$embeddings_constraint
      )
      if (!is.null(self$lora_rank)) {
        private$add_lora(self$lora_rank, self$lora_alpha, "he_uniform", "zeros")
      }
    },

    # Ids stay whole numbers; what is none is cut towards zero.
    convert_inputs = function(inputs) {
      if (is.list(inputs) && !is.data.frame(inputs)) {
        return(convert_input(self, inputs))
      }
      if (inherits(inputs, "elman_value")) return(as_tensor(inputs))
      ids <- tensor_from_r(inputs, "int32", "inputs")
      check_ids(ids, self$input_dim, "inputs")
      ids
    },

    call = function(inputs, mask = NULL, training = FALSE) {
      ids <- op_cast(inputs, "int32")
      rows <- run_op(embedding_op, list(self$embeddings, ids),
                     list(axis = 0L))
      if (self$mask_zero) set_mask(rows, op_not_equal(ids, 0L)) else rows
    },

    compute_mask = function(inputs, mask = NULL) {
      if (self$mask_zero) op_not_equal(op_cast(inputs, "int32"), 0L)
    },

    compute_output_shape = function(input_shape) {
      c(input_shape, self$output_dim)
    },

    # A model that takes ids checks them where its data come in.
    check_trace = function(inputs, ...) limit_ids(inputs, self$input_dim),

    # Freezes the embeddings and trains a product of two thin matrices beside.
    enable_lora = function(rank, lora_alpha = NULL,
                           a_initializer = "he_uniform",
                           b_initializer = "zeros") {
      rank <- check_count(rank, "rank")
      private$check_lora()
      if (!self$built) {
        abort_state(sprintf(
          "Layer `%s` must be built before enable_lora().", self$name))
      }
      if (self$lora_enabled) {
        abort_state(sprintf("Layer `%s` has its LoRA weights already.",
                            self$name))
      }
      private$add_lora(rank, lora_alpha, a_initializer, b_initializer)
      invisible(NULL)
    },

    layer_config = function() {
      config <- list(
        input_dim = self$input_dim,
        output_dim = self$output_dim,
        embeddings_initializer = serialize_object(self$embeddings_initializer),
        embeddings_regularizer = serialize_object(self$embeddings_regularizer),
        activity_regularizer = serialize_object(self$activity_regularizer),
        embeddings_constraint = serialize_object(self$embeddings_constraint),
        mask_zero = self$mask_zero,
        quantization_config = NULL
      )
      if (!is.null(self$lora_rank)) {
        config$lora_rank <- self$lora_rank
        config["lora_alpha"] <- list(self$lora_alpha)
      }
      config
    }
  ),

  active = list(
    # With LoRA, embeddings + alpha/rank A B.
    embeddings = function() {
      if (!self$lora_enabled) return(private$own_embeddings)
      update <- op_matmul(self$lora_embeddings_a, self$lora_embeddings_b)
      op_add(private$own_embeddings,
             op_multiply(update, self$lora_alpha / self$lora_rank))
    }
  ),

  private = list(
    own_embeddings = NULL,

    check_lora = function() {
      if (!is.null(self$embeddings_constraint)) {
        abort_argument(paste("`embeddings_constraint` must be NULL where LoRA",
                             "is used: the embeddings are not trained."),
                       "embeddings_constraint")
      }
    },

    add_lora = function(rank, alpha, a_initializer, b_initializer) {
      self$lora_rank <- rank
      self$lora_alpha <- alpha %||% rank
      self$lora_embeddings_a <- self$add_weight(
        name = "lora_embeddings_a", shape = c(self$input_dim, rank),
        initializer = a_initializer, regularizer = self$embeddings_regularizer
      )
      self$lora_embeddings_b <- self$add_weight(
        name = "lora_embeddings_b", shape = c(rank, self$output_dim),
        initializer = b_initializer, regularizer = self$embeddings_regularizer
      )
      private$own_embeddings$trainable <- FALSE
      self$lora_enabled <- TRUE
    }
  )
)

# Rows of a matrix by ids from 0. The gradient adds up what comes to each row,
# in one kernel; rows that are not touched get zeros.
embedding_op <- new_op(
  "embedding",
  infer = function(inputs, attributes) {
    rows <- shape_of(inputs[[1]])
    list(shape = c(shape_of(inputs[[2]]), rows[2]),
         dtype = dtype_of(inputs[[1]]))
  },
  gradient = function(dy, inputs, output, attributes, wanted) {
    list(run_op(take_gradient_op, list(dy, inputs[[2]]),
                c(attributes, list(size = shape_of(inputs[[1]])))), NULL)
  },
  kernel = "take"
)

# ---- ids at the door ---------------------------------------------------------

# A symbolic input knows how many ids the layers behind it know.
limit_ids <- function(input, limit) {
  if (!is_symbolic(input) || length(.subset2(input, "node")$inputs)) return()
  known <- .subset2(input, "id_limit")
  assign("id_limit", min(known, limit), envir = input)
}

# Not within the call of another layer: there, the kernel finds them.
check_ids <- function(x, limit, label) {
  if (is.null(limit) || !is.null(the$call) || !length(x)) return(invisible())
  range <- c(as.numeric(op_min(x)), as.numeric(op_max(x)))
  bad <- is.na(range) | range <= -1 | range >= limit
  if (any(bad)) {
    abort_argument(sprintf(
      "`%s` must hold ids from 0 to %d, not %s.", label, limit - 1L,
      format(range[bad][1])), label)
  }
}

#' Embedding layer
#'
#' Gives each id its own row of numbers, which training changes: ids
#' `[batch, ...]` become `[batch, ..., output_dim]`. Ids count from 0, as those
#' of `pad_sequences()` do. The weight is `embeddings`
#' `[input_dim, output_dim]`.
#'
#' @inheritParams layer_dense
#' @param object What the layer is composed with, see [layer_dense()]; ids of
#'   any shape.
#' @param input_dim Number of ids: the largest one plus 1.
#' @param output_dim Length of a row.
#' @param embeddings_initializer,embeddings_regularizer,embeddings_constraint
#'   How the rows start, their penalty, and what is applied after each update.
#' @param mask_zero Whether id 0 is padding: the output then carries a mask that
#'   is `FALSE` there. Id 0 has a row all the same.
#' @param weights A matrix `[input_dim, output_dim]` to start from, alone or in
#'   a list.
#' @param lora_rank Rank of a low-rank update that is trained in place of the
#'   rows, which are frozen, as in [layer_dense()].
#' @return A layer, the model (invisibly), or what the layer gives: numbers of
#'   shape `[batch, ..., output_dim]`.
#' @section Errors: `elman_error_argument` for an id below 0 or not below
#'   `input_dim`. A model whose input goes straight into the layer looks at all
#'   ids before it begins.
#' @section Compatibility: As in keras3, numbers that are not whole are cut
#'   towards zero. An id out of range is an error always, where Keras on some
#'   devices gives zeros or NaN. `input_length`, of older scripts, is taken with
#'   a warning and has no effect.
#' @examples
#' layer <- layer_embedding(input_dim = 10, output_dim = 3)
#' dim(layer(matrix(c(1, 2, 9, 0), 2)))
#'
#' model <- keras_model_sequential() |>
#'   layer_embedding(10, 3, mask_zero = TRUE) |>
#'   layer_simple_rnn(2)
#' predict(model, rbind(c(4, 7, 0), c(5, 0, 0)), verbose = 0)
#' @export
layer_embedding <- function(object,
                            input_dim,
                            output_dim,
                            embeddings_initializer = "uniform",
                            embeddings_regularizer = NULL,
                            embeddings_constraint = NULL,
                            mask_zero = FALSE,
                            weights = NULL,
                            lora_rank = NULL,
                            lora_alpha = NULL,
                            ...) {
  input_dim <- check_count(input_dim, "input_dim")
  output_dim <- check_count(output_dim, "output_dim")
  compose_layer(object, function() {
    Embedding$new(
      input_dim = input_dim,
      output_dim = output_dim,
      embeddings_initializer = embeddings_initializer,
      embeddings_regularizer = embeddings_regularizer,
      embeddings_constraint = embeddings_constraint,
      mask_zero = mask_zero,
      weights = weights,
      lora_rank = lora_rank,
      lora_alpha = lora_alpha,
      ...
    )
  })
}
