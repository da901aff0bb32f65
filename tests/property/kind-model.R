# Models of the family that the soak draws, and random orders of what can be
# done with them, right and wrong. After each step the predictions are those of
# plain R, and what was refused has changed nothing.

soak <- new.env()
for (file in c("draw", "build", "reference")) {
  sys.source(sprintf("tests/soak/%s.R", file), soak)
}

weights_of <- function(r) get_weights(r$model)

# NaN or very large weights are no concern of the reference.
is_tame <- function(r) {
  all(is.finite(unlist(weights_of(r)))) &&
    max(0, abs(unlist(weights_of(r)))) < 1e3
}

check_predictions <- function(r) {
  if (!is_tame(r)) return()
  reset_state(r$model)
  got <- value_of(predict(r$model, r$data$x, batch_size = r$recipe$batch,
                          verbose = 0))
  want <- soak$reference_outputs(r$recipe, r$model, r$data$all)
  tolerance <- if (r$recipe$floatx == "float32") 5e-4 else 1e-8
  must_agree(got, want$y, tolerance, "the prediction")
  if (!r$compiled || want$masked) return()
  reset_state(r$model)
  loss <- value_of(evaluate(r$model, r$data$x, r$data$y,
                            batch_size = r$recipe$batch, verbose = 0))[[1]]
  expected <- soak$reference_loss(r$recipe$loss, r$data$y, want$y)
  must_agree(loss, expected, 20 * tolerance * max(1, abs(want$y))^2, "the loss")
}

batch_of <- function(r) {
  rows <- seq_len(r$recipe$batch)
  x <- lapply(r$data$all, soak$rows_of, rows)
  y <- r$data$y
  list(x = if (length(x) > 1) x else x[[1]],
       y = if (is.null(dim(y))) y[rows] else soak$rows_of(y, rows))
}

# What needs a loss is refused where there is none.
trains <- function(r, code) {
  if (r$compiled) value_of(code) else must_refuse(code, "training without loss")
}

with_model <- function(r, model, compiled) {
  r$model <- model
  r$compiled <- compiled
  r
}

# ---- steps that are right ----------------------------------------------------

model_steps <- list(
  fit = function(r) {
    trains(r, fit(r$model, r$data$x, r$data$y, batch_size = r$recipe$batch,
                  epochs = draw_count(2), verbose = 0,
                  shuffle = chance(0.5)))
    r
  },
  train_on_batch = function(r) {
    batch <- batch_of(r)
    for (k in seq_len(draw_count(3))) {
      trains(r, train_on_batch(r$model, batch$x, batch$y))
    }
    r
  },
  test_on_batch = function(r) {
    batch <- batch_of(r)
    before <- weights_of(r)
    trains(r, test_on_batch(r$model, batch$x, batch$y))
    must_be_same(weights_of(r), before, "a test changes weights")
    r
  },
  predict_on_batch = function(r) {
    value_of(predict_on_batch(r$model, batch_of(r)$x))
    r
  },
  call = function(r) {
    value_of(r$model(batch_of(r)$x))
    r
  },
  set_weights = function(r) {
    new <- lapply(weights_of(r), function(w) w * 0.5 + 0.01)
    value_of(set_weights(r$model, new))
    Map(function(got, want) must_agree(got, want, 1e-6, "a weight"),
        weights_of(r), new)
    r
  },
  reset = function(r) {
    value_of(reset_state(r$model))
    r
  },
  save = function(r) {
    path <- tempfile(fileext = ".keras")
    on.exit(unlink(path))
    value_of(save_model(r$model, path))
    other <- value_of(load_model(path))
    must_be_same(get_weights(other), weights_of(r), "a file has other weights")
    with_model(r, other, r$compiled)
  },
  save_weights = function(r) {
    path <- tempfile(fileext = ".weights.h5")
    on.exit(unlink(path))
    value_of(save_model_weights(r$model, path))
    before <- weights_of(r)
    value_of(set_weights(r$model, lapply(before, function(w) 0 * w)))
    value_of(load_model_weights(r$model, path))
    must_be_same(weights_of(r), before, "a file has other weights")
    r
  },
  serialize = function(r) {
    with_model(r, value_of(unserialize(serialize(r$model, NULL))), r$compiled)
  },
  clone = function(r) {
    before <- weights_of(r)
    other <- value_of(clone_model(r$model))
    value_of(set_weights(other, before))
    must_be_same(weights_of(r), before, "a copy is not its own")
    with_model(r, other, r$compiled)
  },
  config = function(r) {
    other <- value_of(from_config(get_config(r$model)))
    value_of(set_weights(other, weights_of(r)))
    with_model(r, other, FALSE)
  },
  compile = function(r) {
    value_of(compile(r$model, soak$make_optimizer(r$recipe$optimizer),
                     loss = r$recipe$loss))
    with_model(r, r$model, TRUE)
  },
  freeze = function(r) {
    value_of(freeze_weights(r$model))
    batch <- batch_of(r)
    before <- r$model$trainable_weights
    if (length(before)) complain("frozen weights are trainable")
    value_of(unfreeze_weights(r$model))
    r
  },
  look = function(r) {
    utils::capture.output({
      value_of(print(r$model))
      value_of(summary(r$model))
    })
    if (value_of(count_params(r$model)) != sum(lengths(weights_of(r)))) {
      complain("another number of parameters")
    }
    r
  },
  pop = function(r) {
    if (!r$recipe$sequential) {
      must_refuse(pop_layer(r$model), "taking a layer off a graph")
      return(r)
    }
    if (length(r$recipe$head) < 2L) return(r)
    value_of(pop_layer(r$model))
    r$recipe$head <- utils::head(r$recipe$head, -1)
    with_model(r, r$model, FALSE)
  }
)
# ---- steps that are wrong ----------------------------------------------------

spoilt_data <- function(x) {
  one_of(list(
    function() draw_hostile()[[1]],
    function() if (is.list(x)) x[-1] else list(x, x),
    function() if (is.list(x)) x[[1]] else array(x, c(shape_of(x), 1, 1)),
    function() if (is.list(x)) rev(x) else array("a", shape_of(x)),
    function() if (is.list(x)) list() else array(0, c(0, shape_of(x)[-1]))
  ))()
}

wrong_steps <- list(
  set_weights = function(r) {
    w <- weights_of(r)
    wrong <- one_of(list(w[-1], c(w, w[1]), draw_hostile()[[1]],
                         lapply(w, function(v) array(v, c(dim(v), 2))),
                         lapply(w, function(v) "a")))
    if (!length(w)) return()
    must_refuse(set_weights(r$model, wrong), "weights of another shape")
  },
  predict = function(r) {
    outcome_of(predict(r$model, spoilt_data(r$data$x), verbose = 0))
  },
  batch_size = function(r) {
    size <- one_of(list(0, -1, 1.5, NA, "a", c(1, 2), Inf))
    must_refuse(predict(r$model, r$data$x, batch_size = size, verbose = 0),
                "a batch of no size")
  },
  fit_data = function(r) {
    outcome_of(fit(r$model, spoilt_data(r$data$x), r$data$y, verbose = 0,
                   batch_size = r$recipe$batch))
  },
  fit_targets = function(r) {
    outcome_of(fit(r$model, r$data$x, spoilt_data(r$data$y), verbose = 0,
                   batch_size = r$recipe$batch))
  },
  fit_arguments = function(r) {
    name <- one_of(c("batch_size", "epochs", "verbose", "callbacks",
                     "validation_split", "validation_data", "shuffle",
                     "class_weight", "sample_weight", "initial_epoch",
                     "steps_per_epoch", "validation_steps",
                     "validation_batch_size", "validation_freq"))
    wrong <- stats::setNames(draw_hostile(), name)
    # So many epochs are only long.
    if (name == "epochs" && is.numeric(wrong[[1]])) return()
    utils::capture.output(out <- outcome_of(do.call(fit, c(
      list(r$model, r$data$x, r$data$y), wrong,
      if (name != "verbose") list(verbose = 0)
    ), quote = TRUE)))
    out
  },
  evaluate = function(r) {
    outcome_of(evaluate(r$model, spoilt_data(r$data$x), r$data$y, verbose = 0))
  },
  compile = function(r) {
    wrong <- draw_hostile()
    out <- outcome_of(do.call(compile, c(list(r$model), list(
      one_of(c("optimizer", "loss", "metrics", "loss_weights"))
    ) |> (function(name) stats::setNames(wrong, name))()), quote = TRUE))
    if (is.null(out$refused)) "compiled"
  },
  load = function(r) {
    endings <- c(".keras", ".h5", ".weights.h5", ".rds")
    path <- tempfile(fileext = one_of(endings))
    on.exit(unlink(path))
    writeBin(as.raw(sample.int(256, 300, TRUE) - 1L), path)
    must_refuse(load_model_weights(r$model, path), "a file of noise")
    must_refuse(load_model(path), "a file of noise")
  },
  layer = function(r) {
    must_refuse(get_layer(r$model, name = "no such layer"), "an unknown layer")
    must_refuse(get_layer(r$model, index = 99L), "an unknown layer")
  },
  config = function(r) {
    config <- get_config(r$model)
    config[[sample.int(length(config), 1)]] <- draw_hostile()[[1]]
    outcome_of(from_config(config))
  }
)

run_model <- function(describe) {
  recipe <- soak$draw_recipe()
  told <- soak$recipe_text(recipe)
  describe(told)
  on.exit({
    config_set_floatx("float32")
    clear_session()
  })
  r <- list(recipe = recipe, compiled = TRUE,
            model = value_of(soak$build_model(recipe)),
            data = soak$draw_data(recipe), whole = TRUE)
  check_predictions(r)
  for (k in seq_len(draw_count(6))) {
    if (chance(0.35)) {
      name <- one_of(names(wrong_steps))
      told <- paste0(told, "; wrong ", name)
      describe(told)
      before <- weights_of(r)
      out <- wrong_steps[[name]](r)
      if (identical(out, "compiled")) r$compiled <- FALSE
      if (!is.list(out) || !is.null(out$refused)) {
        must_be_same(weights_of(r), before, "what was refused changed weights")
      }
    } else {
      name <- one_of(names(model_steps))
      if (name == "compile" && !r$whole) next
      told <- paste0(told, "; ", name)
      describe(told)
      length_before <- length(r$recipe$head)
      r <- model_steps[[name]](r)
      if (length(r$recipe$head) < length_before) r$whole <- FALSE
    }
    check_predictions(r)
  }
}

property_kinds$model <- list(share = 1, run = run_model)
