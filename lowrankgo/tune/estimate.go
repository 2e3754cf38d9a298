package tune

import (
	"fmt"
	"strings"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// RobustPCAEstimate is what [RobustPCA] found, in the units of the data. The
// doc comment of each field is the rule that it was found by.
type RobustPCAEstimate struct {
	D1, D2   int // shape
	Observed int // entries that are not NaN

	// Rank r: see [RobustPCA]. It is 0 where already the data themselves are
	// noise and outliers; a robust PCA problem needs at least 1.
	Rank int
	// Sigma holds the r singular values of the fit, and Next the largest of
	// what it leaves, outliers taken out; 0 where that is rounding error.
	Sigma []float64
	Next  float64
	// Gap is σr/Next on the part of the data that the rank was found from,
	// +Inf where nothing is left; Gaps holds that of each rank that was tried,
	// from 1.
	Gap  float64
	Gaps []float64
	// Whiteness is Next over what it would be if what is left were noise: about
	// 1 for noise, 0 where nothing is left.
	Whiteness float64

	// Noise is the standard deviation of the noise: 1.4826 times the median
	// magnitude of what the fit leaves of the entries that are no outliers.
	Noise float64
	// Threshold is the magnitude from which a residual is an outlier:
	// Deviations·Noise, and at least 1e-6 of the median magnitude of the data.
	Threshold  float64
	Deviations float64

	// Alpha is the smallest share such that in the share Quantile of the rows,
	// and in as many columns, at most so many of the observed entries are
	// outliers: the larger of AlphaRows and AlphaCols, and at least 1/min(d1, d2),
	// which allows one. AlphaMost is enough for every line. Share is that of
	// the outliers in all observed entries.
	Alpha, AlphaRows, AlphaCols float64
	AlphaMost                   float64
	Quantile                    float64
	Share                       float64

	// Incoherence is the smallest μ of [G] Def 4 for the fit, Condition is
	// κ = σ1/σr, and Cap is 2μrσ1/√(d1·d2), the bound of [G] §3.3 on the
	// entries of S. They are 0 when Rank is.
	Incoherence, Condition, Cap float64
	// Fit is the fit itself in balanced factors, a start that is close to the
	// answer; nil when Rank is 0.
	Fit *lr.Factors

	// Sure is whether nothing speaks against the estimates; Reasons says what
	// does.
	Sure    bool
	Reasons []string

	tried int
	found bool
}

// doubt fills in Sure and Reasons.
func (e *RobustPCAEstimate) doubt(v *view) {
	say := func(when bool, format string, args ...any) {
		if when {
			e.Reasons = append(e.Reasons, fmt.Sprintf(format, args...))
		}
	}
	say(e.Rank == 0, "no low-rank part stands out of noise and outliers")
	say(!e.found, "what a fit of rank %d leaves is no noise either, so the rank is where the gap is largest; a larger MaxRank may find more", e.tried)
	say(e.found && e.Rank > 0 && e.Gap < 4, "the smallest singular value of the fit is only %.3g times the largest of what is left", e.Gap)
	say(e.Share > 0.3 || e.Alpha > 0.45, "%.0f %% of the entries are outliers, up to %.0f %% in a row or column: from about a half on no fit can tell them", 100*e.Share, 100*e.AlphaMost)
	say(min(e.D1, e.D2) < 20, "with %d rows and %d columns chance decides much", e.D1, e.D2)
	free := float64(e.Rank) * float64(e.D1+e.D2-e.Rank)
	say(free > 0.4*float64(e.Observed)*(1-e.Share), "%d observed entries, %.0f %% of them outliers, are few for %.0f free numbers", e.Observed, 100*e.Share, free)
	rows, cols := short(v.rowN, 2*e.Rank), short(v.colN, 2*e.Rank)
	say(rows+cols > 0, "%d rows and %d columns have fewer observed entries than twice the rank", rows, cols)
	e.Sure = len(e.Reasons) == 0
}

// short counts the lines with fewer than n entries, and at least those without.
func short(of []int, n int) int {
	count := 0
	for _, have := range of {
		if have < max(n, 1) {
			count++
		}
	}
	return count
}

// String is a report of a few lines that says the estimates, the rules and what
// speaks against them.
func (e *RobustPCAEstimate) String() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("robust PCA of %d×%d data, %.4g %% observed", e.D1, e.D2, 100*float64(e.Observed)/float64(e.D1)/float64(e.D2))
	line("rank %d: %s", e.Rank, e.rankRule())
	line("α %.4g: room for the outliers of %.4g %% of the rows and columns (at most %.4g in one; %.4g of all entries)", e.Alpha, 100*e.Quantile, e.AlphaMost, e.Share)
	line("noise %.4g; an outlier is off by more than %.4g, %.4g times that", e.Noise, e.Threshold, e.Deviations)
	if e.Rank > 0 {
		line("incoherence μ %.4g, condition κ %.4g, cap 2μrσ1/√(d1·d2) %.4g", e.Incoherence, e.Condition, e.Cap)
	}
	if !e.Sure {
		line("not sure: %s", strings.Join(e.Reasons, "; "))
	}
	return b.String()
}

func (e *RobustPCAEstimate) rankRule() string {
	switch {
	case !e.found:
		return fmt.Sprintf("the largest gap, σ%d/σ%d = %.3g, of ranks 1 … %d; what is left is %.3g times as large as noise", e.Rank, e.Rank+1, e.Gap, e.tried, e.Whiteness)
	case e.Whiteness == 0 && e.Rank == 0:
		return "half of the observed entries are 0, or nearly"
	case e.Whiteness == 0:
		return "the first fit that leaves half of the entries exact"
	}
	if e.Rank == 0 {
		return fmt.Sprintf("the data are noise (%.3g of its largest singular value)", e.Whiteness)
	}
	return fmt.Sprintf("the first fit that leaves noise (%.3g of its largest singular value); gap σ%d/σ%d = %.3g", e.Whiteness, e.Rank, e.Rank+1, e.Gap)
}
