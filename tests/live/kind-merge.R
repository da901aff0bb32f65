# Layers that merge tensors, with the tensors' masks.

merge_names <- c("add", "subtract", "multiply", "average", "maximum",
                 "minimum", "concatenate", "dot")

draw_merge <- function() {
  name <- sample(merge_names, 1)
  count <- if (name %in% c("subtract", "dot")) 2L else 1L + draw_size(3)
  shape <- c(draw_size(4), draw_size(5), draw_size(4))
  axis <- sample(2:3, 1)
  shapes <- lapply(seq_len(count), function(k) {
    if (name == "concatenate") shape[axis] <- draw_size(4)
    if (name == "dot" && k == 2L) shape[5L - axis] <- draw_size(4)
    if (!name %in% c("concatenate", "dot") && draw_flag(0.2)) {
      if (draw_flag()) shape <- shape[-2] else shape[3] <- 1L
    }
    shape
  })
  every <- draw_flag()
  list(
    name = name,
    arguments = switch(name,
      concatenate = list(axis = sample(c(axis, axis - 4L), 1)),
      dot = list(axes = axis, normalize = draw_flag()),
      list()
    ),
    x = lapply(shapes, function(s) widen(draw_array(s), shape)),
    masks = lapply(shapes, function(s) {
      if (length(s) == 3L && (every || draw_flag())) draw_mask(s[1:2]) else
        array(0, 0)
    })
  )
}

# Keras 3.15.1 on TensorFlow spreads an input of shape [batch, 1, 1], or of
# [batch, 1], which becomes that, along the wrong axis where it adds (not where
# it takes the larger): such inputs come with their full width.
widen <- function(x, shape) {
  if (any(dim(x)[-1] != 1L)) return(x)
  array(rep_len(as.vector(x), prod(shape)), shape)
}

merge_results <- function(case) {
  layer <- do.call(get(paste0("layer_", case$name)), case$arguments)
  answers(function(...) {
    layer(Map(function(x, mask) {
      if (length(mask)) attr(x, "mask") <- as_tensor(mask > 0)
      x
    }, list(...), case$masks))
  }, case$x)
}

live_kinds$merge <- list(
  count = 60, draw = draw_merge, answer = merge_results
)
