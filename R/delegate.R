# Members of an object that another object inside it answers.

# Read-only members that an inner object answers.
delegate <- function(names, to) {
  members <- lapply(names, function(name) {
    member <- function() NULL
    body(member) <- bquote(self[[.(to)]][[.(name)]])
    member
  })
  names(members) <- names
  members
}
