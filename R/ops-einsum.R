# Einstein's sums, and rearrangements by a pattern.

#' Products and sums by Einstein's notation
#'
#' Each operand's axes have letters; letters that the result lacks are summed
#' over, and those that operands share are multiplied along each other. Without
#' an arrow the result has the letters that come once, in alphabetical order.
#'
#' @param subscripts Such as `"ij,jk->ik"`; `...` stands for further axes, which
#'   broadcast.
#' @param ... Tensors or arrays, one for each group of letters.
#' @return A tensor.
#' @section Errors: `elman_error_argument` for subscripts that do not fit,
#'   `elman_error_shape` where sizes do not.
#' @examples
#' op_einsum("ij,jk->ik", matrix(1:6, 2), matrix(1:6, 3))
#' op_einsum("ii->i", matrix(1:4, 2))
#' op_einsum("...ij->...ji", array(1:8, c(2, 2, 2)))
#' @export
op_einsum <- function(subscripts, ...) {
  xs <- common_operands(list(...), "...")
  xs <- lapply(xs, number_of_bool)
  terms <- parse_einsum(check_string(subscripts, "subscripts"),
                        vapply(xs, rank_of, 1L))
  xs <- Map(take_diagonals, xs, terms$inputs)
  letters <- lapply(terms$inputs, unique)
  check_letter_sizes(xs, letters)
  x <- xs[[1]]
  own <- letters[[1]]
  for (k in seq_along(xs)[-1]) {
    later <- c(unlist(letters[-seq_len(k)]), terms$output)
    joined <- einsum_pair(x, own, xs[[k]], letters[[k]], later)
    x <- joined$x
    own <- joined$letters
  }
  summed <- which(!own %in% terms$output)
  if (length(summed)) {
    x <- op_sum(x, axis = summed)
    own <- own[-summed]
  }
  op_transpose(x, match(terms$output, own))
}

# Letters of each operand and of the result; the axes of "..." get the names
# ".1", ".2" and so on from the right.
parse_einsum <- function(subscripts, ranks) {
  text <- gsub("[[:space:]]", "", subscripts)
  sides <- strsplit(text, "->", fixed = TRUE)[[1]]
  inputs <- strsplit(paste0(sides[1], ","), ",", fixed = TRUE)[[1]]
  if (length(sides) > 2L || length(inputs) != length(ranks)) {
    abort_argument(sprintf(
      "`subscripts` \"%s\" must have %d groups of letters.",
      subscripts, length(ranks)
    ), "subscripts")
  }
  inputs <- Map(function(term, rank) einsum_letters(term, rank, subscripts),
                inputs, ranks)
  dots <- unique(grep("^[.]", unlist(inputs), value = TRUE))
  dots <- dots[order(-as.integer(sub(".", "", dots, fixed = TRUE)))]
  output <- if (grepl("->", text, fixed = TRUE)) {
    side <- if (length(sides) == 2L) sides[2] else ""
    named <- strsplit(gsub(".", "", side, fixed = TRUE), "")[[1]]
    if (grepl("...", side, fixed = TRUE)) {
      einsum_letters(side, length(named) + length(dots), subscripts)
    } else {
      named
    }
  } else {
    counts <- table(unlist(inputs))
    c(dots, setdiff(sort(names(counts)[counts == 1L], method = "radix"), dots))
  }
  if (anyDuplicated(output) || !all(output %in% unlist(inputs))) {
    abort_argument(sprintf(
      paste("`subscripts` \"%s\" must have each letter of the result once, and",
            "in an operand."),
      subscripts), "subscripts")
  }
  list(inputs = unname(inputs), output = output)
}

einsum_letters <- function(term, rank, subscripts) {
  parts <- strsplit(paste0(term, " "), "...", fixed = TRUE)[[1]]
  named <- lapply(parts, function(part) strsplit(trimws(part), "")[[1]])
  free <- rank - length(unlist(named))
  sound <- length(parts) <= 2L && all(unlist(named) %in% c(letters, LETTERS)) &&
    (if (length(parts) == 2L) free >= 0L else free == 0L)
  if (!sound) {
    abort_argument(sprintf(
      "`subscripts` \"%s\" must have a letter for each of %d axes, not \"%s\".",
      subscripts, rank, term), "subscripts")
  }
  if (length(parts) == 1L) return(named[[1]])
  c(named[[1]], if (free) paste0(".", rev(seq_len(free))), named[[2]])
}

# A letter that comes twice in an operand stands for its diagonal.
take_diagonals <- function(x, own) {
  while (anyDuplicated(own)) {
    again <- anyDuplicated(own)
    first <- match(own[again], own)
    if (!identical(shape_of(x)[first], shape_of(x)[again])) {
      abort_shape(sprintf("Axes `%s` have sizes %d and %d.", own[again],
                          shape_of(x)[first], shape_of(x)[again]), "...")
    }
    x <- op_moveaxis(op_diagonal(x, 0L, first, again), -1L, first)
    own <- own[-again]
  }
  x
}

check_letter_sizes <- function(xs, letters) {
  sizes <- unlist(lapply(xs, shape_of))
  names <- unlist(letters)
  for (letter in unique(names)) {
    of <- unique(sizes[names == letter])
    if (startsWith(letter, ".")) of <- setdiff(of, 1L)
    of <- of[!is.na(of)]
    if (length(of) > 1L) {
      abort_shape(sprintf("Axes `%s` have sizes %s.", letter,
                          paste(of, collapse = " and ")), "...")
    }
  }
}

# The product of two operands over the letters that nothing later needs: a
# batch of matrix products, [batch, left, summed] by [batch, summed, right].
einsum_pair <- function(a, la, b, lb, later) {
  alone <- function(x, own, other) {
    at <- which(!own %in% c(other, later))
    if (!length(at)) return(list(x, own))
    list(op_sum(x, axis = at), own[-at])
  }
  left <- alone(a, la, lb)
  right <- alone(b, lb, la)
  la <- left[[2]]
  lb <- right[[2]]
  shared <- intersect(la, lb)
  batch <- shared[shared %in% later | startsWith(shared, ".")]
  summed <- setdiff(shared, batch)
  rows <- setdiff(la, shared)
  columns <- setdiff(lb, shared)
  a <- op_transpose(left[[1]], match(c(batch, rows, summed), la))
  b <- op_transpose(right[[1]], match(c(batch, summed, columns), lb))
  n <- length(batch)
  sa <- shape_of(a)
  sb <- shape_of(b)
  size <- function(shape, from, count) {
    as.integer(prod(shape[from + seq_len(count)]))
  }
  i <- size(sa, n, length(rows))
  j <- size(sa, n + length(rows), length(summed))
  k <- size(sb, n + length(summed), length(columns))
  y <- multiply_matrices(op_reshape(a, c(sa[seq_len(n)], i, j)),
                         op_reshape(b, c(sb[seq_len(n)], j, k)))
  shape <- c(broadcast_shape(sa[seq_len(n)], sb[seq_len(n)]),
             sa[n + seq_along(rows)],
             sb[n + length(summed) + seq_along(columns)])
  list(x = op_reshape(y, shape), letters = c(batch, rows, columns))
}

#' Rearrange axes by a pattern
#'
#' Splits, permutes and joins axes as the pattern says: each name is an axis,
#' and names in brackets are axes that are joined in one.
#'
#' @param tensor A tensor or array.
#' @param pattern Such as `"b (h w) c -> b c h w"`: the axes before and after.
#' @param ... Sizes of axes by name, where they do not follow.
#' @return A tensor.
#' @section Errors: `elman_error_argument` for a pattern whose sides do not have
#'   the same names, `elman_error_shape` where sizes do not fit.
#' @examples
#' op_rearrange(1:6, "(a b) -> b a", a = 2)
#' @export
op_rearrange <- function(tensor, pattern, ...) {
  x <- operand(tensor, "tensor")
  given <- list(...)
  sides <- strsplit(check_string(pattern, "pattern"), "->", fixed = TRUE)[[1]]
  groups <- lapply(sides, pattern_groups)
  names <- lapply(groups, unlist)
  if (length(sides) != 2L || anyDuplicated(names[[1]]) ||
        !setequal(names[[1]], names[[2]]) ||
        length(names[[1]]) != length(names[[2]])) {
    must_be(pattern, "pattern", "a pattern with the same names on both sides")
  }
  if (length(groups[[1]]) != rank_of(x)) {
    abort_shape(sprintf("`pattern` must have %d axes on its left, not %d.",
                        rank_of(x), length(groups[[1]])), "pattern")
  }
  sizes <- unlist(Map(factor_sizes, groups[[1]], shape_of(x),
                      MoreArgs = list(given = given)))
  x <- op_reshape(x, unname(sizes))
  x <- op_transpose(x, match(names[[2]], names[[1]]))
  sizes <- stats::setNames(sizes, names[[1]])
  op_reshape(x, vapply(groups[[2]], function(group) {
    as.integer(prod(sizes[group]))
  }, 1L))
}

# A list of names, one vector for each axis.
pattern_groups <- function(side) {
  found <- regmatches(side, gregexpr("\\([^)]*\\)|[[:alnum:]_]+", side))[[1]]
  lapply(found, function(group) {
    regmatches(group, gregexpr("[[:alnum:]_]+", group))[[1]]
  })
}

# The sizes of the axes joined in one of `size`; one of them may follow.
factor_sizes <- function(group, size, given) {
  sizes <- vapply(group, function(name) {
    as.integer(given[[name]] %||% NA_integer_)
  }, 1L)
  unknown <- which(is.na(sizes))
  if (length(unknown) == 1L) sizes[unknown] <- size %/% prod(sizes[-unknown])
  if (length(unknown) > 1L || !isTRUE(is.na(size) || prod(sizes) == size)) {
    abort_shape(sprintf("An axis of size %s cannot be split into `%s`.", size,
                        paste(group, collapse = " ")), "pattern")
  }
  sizes
}
