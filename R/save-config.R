# A model's configuration as it is written into files, and how it is compiled.

# What Keras's config.json holds.
model_record <- function(self) {
  record <- serialize_object(wrap_layer(self))
  record <- written_config(record)
  if (identical(record$class_name, "Functional")) {
    record$module <- "keras.src.models.functional"
    record["registered_name"] <- list("Functional")
  } else if (identical(record$module, "keras.models")) {
    record$module <- "keras"
  }
  shape <- if (identical(record$class_name, "Sequential") && self$built) {
    new_shape(self$get_build_config()$input_shape)
  }
  record$build_config <- list(input_shape = shape)
  record$compile_config <- compile_record(self)
  record
}

# Operations by Keras's names, models in their Keras modules, and no functions,
# which a file cannot hold.
written_config <- function(x) {
  if (is.function(x)) return(written_function(x))
  if (!is.list(x) || inherits(x, "elman_shape")) return(x)
  if (!is.null(names(x)) && !is.null(x$class_name)) {
    if (identical(x$module, "elman.ops")) x <- written_operation_part(x)
    if (identical(x$class_name, "Functional")) {
      x$module <- "keras.src.models.functional"
    } else if (identical(x$class_name, "Sequential")) {
      x$module <- "keras"
    }
  }
  attr(x, "__class__") <- NULL
  if (identical(x$kwargs, list())) x$kwargs <- empty_config()
  keep_nulls(x, written_config)
}

# A function of the user's: by its name, under which `custom_objects` give it
# back.
written_function <- function(f) {
  if (is_layer(f)) return(written_config(serialize_object(f)))
  if (inherits(f, "elman_loss") || inherits(f, "elman_metric") ||
        inherits(f, "elman_object")) {
    return(serialize_compiled(f))
  }
  for (prefix in c("activation_", "loss_", "metric_")) {
    name <- own_function_name(f, prefix)
    if (!is.null(name)) return(name)
  }
  name <- function_name(f)
  if (is.null(name)) {
    abort_argument(paste(
      "`model` holds a function of yours without a name, which a file cannot",
      "hold: give it one by `attr(f, \"name\") <-`, or by custom_metric()."
    ), "model")
  }
  list(module = NULL, class_name = "function", config = name,
       registered_name = name)
}

# ---- how it is compiled ------------------------------------------------------

compile_record <- function(self) {
  if (!self$compiled) return(empty_config())
  given <- self$compile_arguments$given
  # Python wants a list of them.
  for (kind in c("metrics", "weighted_metrics")) {
    one <- given[[kind]]
    if (!is.null(one) && is_one_metric(one)) given[[kind]] <- list(one)
  }
  c(
    list(optimizer = serialize_compiled(self$optimizer)),
    lapply(given, serialize_compiled),
    list(run_eagerly = FALSE, steps_per_execution = 1L, jit_compile = FALSE)
  )
}

# Losses, metrics, optimizers and their schedules, and lists of them.
serialize_compiled <- function(x) {
  if (is.list(x) && !is.object(x)) return(keep_nulls(x, serialize_compiled))
  object <- inherits(x, c("elman_optimizer", "elman_loss", "elman_metric")) ||
    inherits(x, "elman_schedule")
  if (object) return(compiled_object(get_config(x)))
  if (inherits(x, "elman_object")) return(written_config(serialize_object(x)))
  if (is.function(x)) return(written_function(x))
  if (is.environment(x) && is.function(x$get_config)) {
    return(compiled_object(x$get_config()))
  }
  if (is.character(x) && length(x) > 1L) return(as.list(x))
  x
}

compiled_object <- function(config) {
  path <- attr(config, "__class__")
  attr(config, "__class__") <- NULL
  list(module = sub("\\.[^.]*$", "", path),
       class_name = sub("^.*\\.", "", path),
       config = keep_nulls(config, serialize_compiled),
       registered_name = NULL)
}

# Compiles a model as a checked record says; Keras's flags for speed change no
# number.
compile_from_record <- function(self, record, custom_objects) {
  record <- keep_nulls(record, compiled_from, custom_objects = custom_objects)
  arguments <- record[intersect(names(record), c(
    "optimizer", "loss", "loss_weights", "metrics", "weighted_metrics"
  ))]
  in_file_terms(do.call(compile, c(list(wrap_layer(self)), arguments)))
}

compiled_from <- function(x, custom_objects) {
  if (!is.list(x)) return(x)
  if (!is.null(names(x)) && !is.null(x$class_name)) {
    if (is.list(x$config)) {
      x$config <- keep_nulls(x$config, compiled_from,
                             custom_objects = custom_objects)
    }
    return(in_file_terms(deserialize_object(x, custom_objects)))
  }
  keep_nulls(x, compiled_from, custom_objects = custom_objects)
}
