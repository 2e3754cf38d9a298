package lowranktest

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// slope fits log(remainder) against log(h) over decreasing h, leaving out
// remainders that rounding may have made. With fewer than three left it
// reports false: the remainder is 0 as far as can be seen.
func slope(remainder, noise func(h float64) float64) (float64, bool) {
	var lh, lr []float64
	for k := range 13 {
		h := math.Pow(10, -2.5-float64(k)/3)
		if e := remainder(h); e > 100*noise(h) {
			lh, lr = append(lh, math.Log(h)), append(lr, math.Log(e))
		}
	}
	if len(lh) < 3 {
		return 0, false
	}
	_, beta := stat.LinearRegression(lh, lr, nil, false)
	return beta, true
}

// second fails when the remainder of a first-order expansion does not vanish
// as h² at least.
func second(t *testing.T, what string, remainder, noise func(h float64) float64) {
	t.Helper()
	if s, ok := slope(remainder, noise); ok && !(s > 1.9) {
		t.Errorf("%s: the remainder vanishes as h^%.3f, want h² (a slope of 1 is a wrong derivative)", what, s)
	}
}
