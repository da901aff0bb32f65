# elman as its users call it: R arrays in, R arrays out. The protocol is told
# in worker.h.
suppressPackageStartupMessages(library(elman))

# Row-major float32 on the disk, an R array of doubles here.
read_array <- function(folder, name, dim) {
  path <- file.path(folder, paste0(name, ".f32"))
  values <- readBin(path, "double", prod(dim), size = 4L)
  aperm(array(values, rev(dim)), rev(seq_along(dim)))
}

write_arrays <- function(arrays, path) {
  file <- file(path, "wb")
  on.exit(close(file))
  for (a in arrays) {
    a <- as.array(a)
    row_major <- aperm(a, rev(seq_along(dim(a))))
    writeBin(as.double(row_major), file, size = 4L)
  }
}

# The layer of each cell, and how many gates it has.
layers <- list(simple = layer_simple_rnn, lstm = layer_lstm, gru = layer_gru)
gates <- c(simple = 1, lstm = 4, gru = 3)

read_inputs <- function(folder, cell, size) {
  axes <- list(
    x = "BTF", W = "FG", R = "UG", b = if (cell == "gru") "2G" else "G",
    dy = "BTU", target = "B1", D = "U1"
  )
  size <- c(size, "1" = 1, "2" = 2, G = gates[[cell]] * size[["U"]])
  Map(
    function(name, axes) {
      read_array(folder, name, unname(size[strsplit(axes, "")[[1]]]))
    },
    names(axes), axes
  )
}

# One method: what is timed, and its outputs for the reference.
method <- function(run, outputs = function() list(run())) {
  list(run = run, outputs = outputs)
}

forward_methods <- function(new_layer, inputs) {
  x <- inputs$x
  model <- keras_model_sequential(input_shape = dim(x)[-1]) |>
    new_layer(nrow(inputs$R))
  set_weights(model, inputs[c("W", "R", "b")])
  layer <- model$layers[[1]]
  list(
    "forward.predict_on_batch" = method(function() predict_on_batch(model, x)),
    "forward.layer(x)" = method(function() layer(x))
  )
}

# The gradient of sum(y * dy) is the layer's own for dy.
backward_methods <- function(new_layer, inputs) {
  x <- inputs$x
  layer <- new_layer(units = nrow(inputs$R), return_sequences = TRUE)
  layer$build(dim(x))
  set_weights(layer, inputs[c("W", "R", "b")])
  dy <- as_tensor(inputs$dy)
  loss <- function(x) op_sum(layer(x) * dy)
  weights <- layer$trainable_weights
  method_of <- function(gradients) {
    method(function() gradients(x), function() {
      found <- gradients(x)
      c(found$gradients, found$variable_gradients)
    })
  }
  list(
    "backward.value_and_grad(jit_compile)" =
      method_of(value_and_grad(loss, weights, jit_compile = TRUE)),
    "backward.value_and_grad" = method_of(value_and_grad(loss, weights))
  )
}

train_methods <- function(new_layer, inputs) {
  x <- inputs$x
  y <- inputs$target
  model <- keras_model_sequential(input_shape = dim(x)[-1]) |>
    new_layer(nrow(inputs$R)) |>
    layer_dense(1)
  set_weights(model, c(inputs[c("W", "R", "b", "D")], list(array(0, 1))))
  set_rate <- function(rate) {
    compile(model, optimizer = optimizer_adam(rate), loss = "mse")
  }
  step <- function() train_on_batch(model, x, y)
  losses <- function() {
    set_rate(1e-3)
    found <- vapply(1:3, function(i) as.numeric(step())[1], 0)
    set_rate(1e-7) # while timing, so that the model stays where it is
    list(array(found, 3))
  }
  set_rate(1e-7)
  list("train.train_on_batch" = method(step, losses))
}

seconds_for <- function(run, calls) {
  if (calls > 1) run() # a long call needs no warming up
  start <- Sys.time()
  for (i in seq_len(calls)) run()
  as.numeric(Sys.time() - start, units = "secs")
}

methods <- list()

answer <- function(command, words) {
  switch(command,
    info = paste(
      "elman in R",
      paste0("elman ", packageVersion("elman"), ", ", R.version.string),
      paste(names(layers), collapse = " "),
      sep = "\t"
    ),
    open = {
      size <- setNames(as.integer(words[-(1:2)]), c("B", "T", "F", "U"))
      inputs <- read_inputs(words[1], words[2], size)
      new_layer <- layers[[words[2]]]
      methods <<- c(
        forward_methods(new_layer, inputs), backward_methods(new_layer, inputs),
        train_methods(new_layer, inputs)
      )
      paste(names(methods), collapse = " ")
    },
    check = {
      write_arrays(methods[[words[1]]]$outputs(), words[2])
      "ok"
    },
    time = sprintf(
      "%.9f", seconds_for(methods[[words[1]]]$run, as.integer(words[2]))
    ),
    stop("cannot answer: ", command)
  )
}

questions <- file("stdin", "r")
repeat {
  line <- readLines(questions, 1)
  if (length(line) == 0 || line == "quit") break
  words <- strsplit(line, " ")[[1]]
  reply <- tryCatch(
    answer(words[1], words[-1]),
    error = function(e) {
      paste("error", gsub("\\s+", " ", conditionMessage(e)))
    }
  )
  cat(reply, "\n", sep = "")
  flush(stdout())
}
