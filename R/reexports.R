# Functions of other packages that scripts of keras3 use without thinking.

#' Functions of other packages
#'
#' `%>%` is magrittr's pipe, `%<-%` zeallot's assignment of several values at
#' once: `c(output, state) %<-% layer(x)`.
#'
#' @param lhs,rhs,x,value See the packages named.
#' @return What the functions of those packages give.
#' @name reexports
#' @keywords internal
NULL

#' @importFrom magrittr %>%
#' @export
#' @rdname reexports
magrittr::`%>%`

#' @importFrom zeallot %<-%
#' @export
#' @rdname reexports
zeallot::`%<-%`
