# Reads the log of R CMD check: counts its checks, shows those that ended with
# a NOTE, a WARNING or an ERROR, and lets only "New submission" pass. `warned`
# failures are known before; `wants_manual` is "yes" where LaTeX has to have
# made the manual.

function judge() {
  if (title == "") return
  if (verdict != "" && !is_new) { failed++; print block } else passed++
}

/^\* / {
  judge()
  title = /^\* checking /  ? $0 : ""
  block = ""
  verdict = ""
  is_new = /CRAN incoming feasibility/
}
/(^| )(NOTE|WARNING|ERROR|FAILED)$/ { verdict = $NF }
{ block = block $0 "\n" }
!/^\* / && !/^(Maintainer: .*|New submission|)$/ { is_new = 0 }
/^[*] checking PDF version of manual [.]+.* OK$/ { has_manual = 1 }
/^Status: / { ended = 1 }

END {
  judge()
  if (!ended) { failed++; print "R CMD check did not come to its end." }
  if (wants_manual == "yes" && !has_manual) {
    failed++
    print "There is no PDF manual."
  }
  failed += warned
  printf "%d passed, %d failed\n", passed, failed
  exit failed > 0
}
