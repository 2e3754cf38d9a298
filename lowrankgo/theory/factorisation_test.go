package theory

import (
	"context"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// The gaps that are measured: all runs end at P_r(A) at every ratio, the least
// one too, and a ratio that is not there would be seen.
func TestGap(t *testing.T) {
	m := measuredItem(t, factorisationItems(), "[G] Lemma 13, gap", 3)
	if m.Proportion.Successes != m.Proportion.Trials || m.Constant.Value != 1.01 {
		t.Errorf("%v, %+v: want all of them, from 1.01 on", *m.Proportion, *m.Constant)
	}
	at := NewMeasurement(1)
	at.Residual = 0
	if ends, err := gapEnds(context.Background(), Effort{Seed: 3}, 1.11, 5, &at); err != nil || ends != 5 || at.Residual > 1e-12 {
		t.Errorf("%d of 5 end at P_r(A), residual %g, %v", ends, at.Residual, err)
	}
}

func TestSymmetricOf(t *testing.T) {
	for _, indefinite := range []bool{false, true} {
		a := symmetricOf(4, 9, indefinite)
		s := mat.NewSymDense(9, nil)
		for i := range 9 {
			for j := range 9 {
				if d := a.At(i, j) - a.At(j, i); d > 1e-12 || d < -1e-12 {
					t.Fatalf("entry (%d, %d) is not symmetric", i, j)
				}
				s.SetSym(min(i, j), max(i, j), a.At(i, j))
			}
		}
		var f mat.EigenSym
		if !f.Factorize(s, false) {
			t.Fatal("no eigenvalues")
		}
		if v := f.Values(nil); (v[0] < -1e-9) != indefinite {
			t.Errorf("indefinite %t: least eigenvalue %v", indefinite, v[0])
		}
	}
}
