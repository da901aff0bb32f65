# Control flow: choices and loops that R runs, over nested lists of tensors.
#
# Loops and choices are R's own, so every operation in them is differentiated.
# Those that look at a number read it, which no recorded step does: such a step
# runs as it is written.

# ---- nested lists of tensors -------------------------------------------------

is_nest <- function(x) is.list(x) && !inherits(x, "elman_value")

nest_leaves <- function(x) {
  if (is.null(x)) return(list())
  if (!is_nest(x)) return(list(x))
  unlist(lapply(unname(x), nest_leaves), recursive = FALSE)
}

# `leaves` in the structure of `x`.
nest_like <- function(x, leaves) {
  at <- 0L
  fill <- function(x) {
    if (is.null(x)) return(NULL)
    if (is_nest(x)) {
      x[] <- lapply(x, fill)
      return(x)
    }
    at <<- at + 1L
    leaves[[at]]
  }
  fill(x)
}

nest_tensors <- function(x, arg) {
  nest_like(x, lapply(nest_leaves(x), operand, arg = arg))
}

# TRUE or FALSE from a number or tensor.
read_flag <- function(x, arg) {
  if (is_tensor(x) || is_variable(x)) x <- as.logical(as_tensor(x))
  if (length(x) != 1L || !(is.logical(x) || is.numeric(x)) || is.na(x)) {
    must_be(x, arg, "TRUE or FALSE")
  }
  as.logical(x)
}

# A whole number from a number or tensor.
read_whole <- function(x, arg) {
  if (is_tensor(x) || is_variable(x)) x <- as.double(as_tensor(x))
  check_whole(x, arg)
}

# Of symbolic tensors both outcomes are drawn, and the numbers choose later.
choose_nest <- function(pred, yes, no) {
  a <- nest_leaves(yes)
  b <- nest_leaves(no)
  if (length(a) != length(b)) {
    abort_argument("Both branches must give as many tensors.", "false_fn")
  }
  nest_like(yes, Map(function(a, b) op_where(pred, a, b), a, b))
}

#' Choose between functions
#'
#' `op_cond()` calls one of two functions, `op_switch()` one of many. For
#' symbolic tensors all of them are drawn, and numbers choose between their
#' results when the model runs.
#'
#' @param pred TRUE or FALSE, or a tensor of one.
#' @param true_fn,false_fn Functions without arguments.
#' @param index Which branch, counted from 1; one outside takes the nearest.
#' @param branches A list of functions of what stands in `...`.
#' @param ... Arguments of the branches, unnamed.
#' @return What the function gives: a tensor, or lists of them.
#' @section Recording: A tensor's number is read: a training step that asks for
#'   it runs as it is written.
#' @section Errors: `elman_error_argument` for what are no functions.
#' @examples
#' x <- as_tensor(3)
#' op_cond(x > 2, function() x * 10, function() x)
#' op_switch(2, list(function(x) x + 1, function(x) x * 2), x)
#' @export
op_cond <- function(pred, true_fn, false_fn) {
  check_function(true_fn, "true_fn")
  check_function(false_fn, "false_fn")
  if (is_symbolic(pred)) {
    return(choose_nest(op_cast(pred, "bool"), true_fn(), false_fn()))
  }
  if (read_flag(pred, "pred")) true_fn() else false_fn()
}

#' @rdname op_cond
#' @export
op_switch <- function(index, branches, ...) {
  if (!is.list(branches) || !length(branches) ||
        !all(vapply(branches, is.function, NA))) {
    must_be(branches, "branches", "a list of functions")
  }
  if (!is.null(names(list(...)))) {
    abort_argument("Arguments of the branches must be unnamed.", "...")
  }
  if (is_symbolic(index)) {
    y <- branches[[length(branches)]](...)
    for (k in rev(seq_along(branches))[-1]) {
      y <- choose_nest(op_less_equal(index, k), branches[[k]](...), y)
    }
    return(y)
  }
  at <- min(max(read_whole(index, "index"), 1L), length(branches))
  branches[[at]](...)
}

#' Loops
#'
#' `op_while_loop()` goes on while a condition holds, `op_fori_loop()` over
#' whole numbers.
#'
#' @param cond,body Functions of the loop's variables: whether to go on, and
#'   their next values.
#' @param loop_vars First values: a tensor, or a list whose elements become the
#'   functions' arguments, in their order. Shapes and types stay.
#' @param maximum_iterations How often to go on at most; `NULL` for no limit.
#' @param lower,upper The numbers go from `lower` to `upper - 1`.
#' @param body_fun A function of a number, an `int32` tensor, and of the value.
#' @param init_val First value.
#' @return The last values, in the structure of the first.
#' @section Recording: The condition's number is read: a training step that asks
#'   for it runs as it is written. `op_fori_loop()` between R numbers is
#'   recorded.
#' @section Errors: `elman_error_argument` for what are no functions, or another
#'   number of values; `elman_error_shape` where a shape changes.
#' @examples
#' op_while_loop(function(i) i < 10, function(i) i * 2, as_tensor(1))
#' op_fori_loop(0, 4, function(i, total) total + i, 0L)
#' @export
op_while_loop <- function(cond, body, loop_vars, maximum_iterations = NULL) {
  check_function(cond, "cond")
  check_function(body, "body")
  limit <- check_whole(maximum_iterations, "maximum_iterations", 0, TRUE)
  many <- is_nest(loop_vars)
  vars <- nest_tensors(if (many) loop_vars else list(loop_vars), "loop_vars")
  if (has_symbolic(vars)) {
    abort_state("`op_while_loop()` needs numbers, not symbolic tensors.")
  }
  done <- 0L
  while ((is.null(limit) || done < limit) &&
           read_flag(do.call(cond, unname(vars)), "cond")) {
    values <- do.call(body, unname(vars))
    vars <- next_values(vars, if (many) values else list(values), "body")
    done <- done + 1L
  }
  if (many) vars else vars[[1]]
}

# `values` in the structure of `old`, whose shapes and types they keep.
next_values <- function(old, values, arg) {
  before <- nest_leaves(old)
  after <- nest_leaves(values)
  if (length(before) != length(after)) {
    abort_argument(sprintf("`%s` must give %d values, not %d.", arg,
                           length(before), length(after)), arg)
  }
  nest_like(old, Map(function(a, b) {
    b <- op_cast(operand(b, arg), dtype_of(a))
    if (!fits_shape(shape_of(b), shape_of(a))) {
      abort_shape(sprintf("`%s` must keep the shape %s, not give %s.", arg,
                          format_shape(shape_of(a)),
                          format_shape(shape_of(b))), arg)
    }
    b
  }, before, after))
}

#' @rdname op_while_loop
#' @export
op_fori_loop <- function(lower, upper, body_fun, init_val) {
  check_function(body_fun, "body_fun")
  value <- nest_tensors(init_val, "init_val")
  from <- read_whole(lower, "lower")
  to <- read_whole(upper, "upper")
  for (i in seq_len(max(to - from, 0L)) + from - 1L) {
    value <- next_values(value, body_fun(as_tensor(as.integer(i)), value),
                         "body_fun")
  }
  value
}

#' Functions over the slices of tensors
#'
#' * `op_map()` and `op_vectorized_map()` call a function with each slice along
#'   the first axis and stack what it gives.
#' * `op_scan()` carries a value along as well.
#' * `op_associative_scan()` gives all partial results of an operation that may
#'   be grouped at will, such as running sums, in few calls on many slices at
#'   once.
#' * `op_vectorize()` makes a function of single numbers, or of what `signature`
#'   says, one of arrays, which broadcast.
#'
#' @param xs,elements,elems A tensor, or lists of tensors with a common first
#'   axis.
#' @param f A function: of a slice; for `op_scan()` of the carried value and a
#'   slice, with a list of the next value and a result; for
#'   `op_associative_scan()` of two equally long stretches of slices.
#' @param init First value to carry.
#' @param length Number of steps; `NULL` for all slices.
#' @param reverse Go from the last slice to the first.
#' @param unroll A number or TRUE or FALSE, without effect.
#' @param axis The axis to go along, counted from 1.
#' @param func A function of tensors.
#' @param ... Must be empty.
#' @param excluded Places of arguments, counted from 1, that are handed on as
#'   they are.
#' @param signature Axes of what `func` takes and gives, such as
#'   `"(m,n),(n)->(m)"`; `NULL` for single numbers.
#' @return A tensor or a list of tensors; `op_scan()` a list of the last value
#'   and the stacked results; `op_vectorize()` a function.
#' @section Errors: `elman_error_argument` for what is no function, or gives
#'   another number of values; `elman_error_shape` where first axes differ.
#' @examples
#' op_map(matrix(1:6, 2), function(x) op_sum(x))
#' op_scan(function(carry, x) list(carry + x, carry), 0, c(1, 2, 3))
#' op_associative_scan(function(a, b) a + b, c(1, 2, 3))
#' @name op_loops
NULL

# Slice k along the first axis of every leaf.
nest_slice <- function(x, k) {
  nest_like(x, lapply(nest_leaves(x), function(leaf) {
    op_squeeze(slice_axis(leaf, 0L, k - 1L, 1L), 1L)
  }))
}

# The common size of a 0-based axis.
common_size <- function(x, axis, arg) {
  sizes <- unique(vapply(nest_leaves(x), function(leaf) {
    if (rank_of(leaf) <= axis) {
      abort_shape(sprintf("`%s` must have an axis to go along.", arg), arg)
    }
    known_size(leaf, axis)
  }, 1L))
  if (length(sizes) != 1L) {
    abort_shape(sprintf("`%s` must have one size along the axis, not %s.", arg,
                        paste(sizes, collapse = " and ")), arg)
  }
  sizes
}

# Results of equal structure, each leaf stacked.
stack_nests <- function(results) {
  leaves <- lapply(results, nest_leaves)
  stacked <- lapply(seq_along(leaves[[1]]), function(k) {
    op_stack(lapply(leaves, `[[`, k))
  })
  nest_like(results[[1]], stacked)
}

#' @rdname op_loops
#' @export
op_map <- function(xs, f) {
  check_function(f, "f")
  xs <- nest_tensors(xs, "xs")
  n <- common_size(xs, 0L, "xs")
  if (n == 0L) abort_shape("`xs` must have a slice.", "xs")
  stack_nests(lapply(seq_len(n), function(k) f(nest_slice(xs, k))))
}

#' @rdname op_loops
#' @export
op_vectorized_map <- function(elements, f) op_map(elements, f)

#' @rdname op_loops
#' @export
op_scan <- function(f, init, xs = NULL, length = NULL, reverse = FALSE,
                    unroll = 1L) {
  check_function(f, "f")
  reverse <- check_flag(reverse, "reverse")
  if (!is.logical(unroll)) check_count(unroll, "unroll")
  carry <- nest_tensors(init, "init")
  n <- check_whole(length, "length", 0, TRUE)
  if (is.null(xs)) {
    if (is.null(n)) must_be(length, "length", "given where `xs` is not")
  } else {
    xs <- nest_tensors(xs, "xs")
    size <- common_size(xs, 0L, "xs")
    n <- n %||% size
    if (n > size) must_be(n, "length", sprintf("at most %d", size))
  }
  ys <- vector("list", n)
  for (k in if (reverse) rev(seq_len(n)) else seq_len(n)) {
    both <- f(carry, if (!is.null(xs)) nest_slice(xs, k))
    if (!is_nest(both) || base::length(both) != 2L) {
      must_be(both, "f", "a function that gives a list of two")
    }
    carry <- next_values(carry, both[[1]], "f")
    if (!is.null(both[[2]])) ys[[k]] <- nest_tensors(both[[2]], "f")
  }
  nothing <- n == 0L || is.null(ys[[1]])
  list(carry, if (!nothing) stack_nests(ys))
}

#' @rdname op_loops
#' @export
op_associative_scan <- function(f, elems, reverse = FALSE, axis = 1L) {
  check_function(f, "f")
  reverse <- check_flag(reverse, "reverse")
  elems <- nest_tensors(elems, "elems")
  given <- nest_leaves(elems)
  if (!length(given)) must_be(elems, "elems", "a tensor or a list of tensors")
  at <- zero_based_axis(axis, rank_of(given[[1]]))
  common_size(elems, at, "elems")
  turn <- function(leaves) {
    if (reverse) lapply(leaves, op_flip, axis = at + 1L) else leaves
  }
  combine <- function(a, b) {
    nest_leaves(f(nest_like(elems, a), nest_like(elems, b)))
  }
  nest_like(elems, turn(scan_pairs(turn(given), combine, at)))
}

# Neighbours are combined, the half as many scanned, and the others filled in.
scan_pairs <- function(leaves, combine, at) {
  n <- shape_of(leaves[[1]])[at + 1L]
  if (is.na(n)) {
    must_be(leaves[[1]], "f", "a function whose result keeps all axes")
  }
  if (n < 2L) return(leaves)
  pick <- function(leaves, places) {
    lapply(leaves, gather_axis, axis = at, index = places)
  }
  every <- function(from, to) {
    seq.int(from, by = 2L, length.out = max((to - from) %/% 2L + 1L, 0L))
  }
  join <- function(a, b) op_concatenate(list(a, b), at + 1L)
  second <- every(1L, n - 1L)
  odd <- scan_pairs(combine(pick(leaves, second - 1L), pick(leaves, second)),
                    combine, at)
  even <- pick(leaves, 0L)
  third <- every(2L, n - 1L)
  if (length(third)) {
    filled <- combine(pick(odd, seq_along(third) - 1L), pick(leaves, third))
    even <- Map(join, even, filled)
  }
  count <- n - length(second)
  order <- integer(n)
  order[every(0L, n - 1L) + 1L] <- seq_len(count) - 1L
  order[second + 1L] <- count + seq_along(second) - 1L
  pick(Map(join, even, odd), order)
}

#' @rdname op_loops
#' @export
op_vectorize <- function(func, ..., excluded = NULL, signature = NULL) {
  check_function(func, "func")
  check_dots(...)
  cores <- if (!is.null(signature)) parse_signature(signature)
  excluded <- if (is.null(excluded)) integer() else
    whole_numbers(excluded, "excluded", 1L)
  function(...) {
    given <- list(...)
    free <- setdiff(seq_along(given), excluded)
    xs <- lapply(given[free], operand, arg = "...")
    if (is.null(cores)) cores <- rep(0L, length(xs))
    if (length(cores) != length(xs)) {
      abort_argument(sprintf("`signature` has %d arguments, not %d.",
                             length(cores), length(xs)), "signature")
    }
    outer <- Map(function(x, core) {
      if (rank_of(x) < core) abort_shape("An argument lacks axes.", "signature")
      shape_of(x)[seq_len(rank_of(x) - core)]
    }, xs, cores)
    shape <- as.integer(Reduce(broadcast_shape, outer, integer()))
    xs <- Map(function(x, core) {
      inner <- utils::tail(shape_of(x), core)
      op_reshape(op_broadcast_to(x, c(shape, inner)), c(prod(shape), inner))
    }, xs, cores)
    y <- op_map(xs, function(slices) {
      given[free] <- slices
      do.call(func, given)
    })
    nest_like(y, lapply(nest_leaves(y), function(leaf) {
      op_reshape(leaf, c(shape, shape_of(leaf)[-1]))
    }))
  }
}

# How many axes each argument has in "(m,n),(n)->(m)".
parse_signature <- function(signature) {
  text <- gsub("[[:space:]]", "", check_string(signature, "signature"))
  group <- "\\([[:alnum:]_,]*\\)"
  if (!grepl(paste0("^", group, "(,", group, ")*->", group, "(,", group,
                    ")*$"), text)) {
    must_be(signature, "signature", "such as \"(m,n),(n)->(m)\"")
  }
  inputs <- strsplit(text, "->", fixed = TRUE)[[1]][1]
  lengths(lapply(regmatches(inputs, gregexpr(group, inputs))[[1]], function(g) {
    regmatches(g, gregexpr("[[:alnum:]_]+", g))[[1]]
  }))
}
