package tune

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

const dust = 1e-6 // residuals below this share of a typical entry are no outliers

// describe sets what the fit says of the low-rank part.
func (e *RobustPCAEstimate) describe(f *fit) error {
	sigma := f.balance()
	if sigma == nil {
		return fmt.Errorf("tune: the fit of rank %d is not finite; entries of less different magnitudes are wanted: %w", f.k, lr.ErrValue)
	}
	if f.k == 0 {
		return nil
	}
	x := &lr.Factors{U: mat.DenseCopyOf(f.u), V: mat.DenseCopyOf(mat.NewDense(f.k, f.d2, f.vt).T())}
	for l, s := range sigma {
		if s > 0 {
			linalg.ScaleColumn(x.U, l, 1/s)
		}
	}
	d1, d2, r := float64(f.d1), float64(f.d2), float64(f.k)
	e.Incoherence = max(d1*longestRow(x.U), d2*longestRow(x.V)) / r
	for l, s := range sigma {
		s /= f.unit
		e.Sigma = append(e.Sigma, s)
		linalg.ScaleColumn(x.U, l, math.Sqrt(s))
		linalg.ScaleColumn(x.V, l, math.Sqrt(s))
	}
	e.Condition = sigma[0] / sigma[f.k-1]
	e.Cap = 2 * e.Incoherence * r * e.Sigma[0] / math.Sqrt(d1) / math.Sqrt(d2)
	e.Fit = x
	return nil
}

// longestRow is the largest squared length of a row.
func longestRow(a *mat.Dense) float64 {
	var most float64
	for i := range a.RawMatrix().Rows {
		var sum float64
		for _, v := range a.RawRowView(i) {
			sum += float64(v * v)
		}
		most = max(most, sum)
	}
	return most
}

// noise is 1.4826 times the median residual of the probes that are no
// outliers: those within 4 times it, found in a few rounds.
func (f *fit) noise() float64 {
	s := math.Inf(1)
	for range 6 {
		f.residuals()
		near := f.near[:0]
		for _, d := range f.near {
			if d <= 4*s {
				near = append(near, d)
			}
		}
		s = deviation(near)
	}
	return s
}

// findAlpha counts outliers and sets what they say of S.
func (e *RobustPCAEstimate) findAlpha(ctx context.Context, f *fit) error {
	noise := f.noise()
	limit := max(e.Deviations*noise, dust*f.typical)
	rows, cols, err := f.outliers(ctx, limit)
	if err != nil {
		return err
	}
	e.Noise, e.Threshold = noise/f.unit, limit/f.unit
	var total int
	for _, n := range rows {
		total += n
	}
	e.Share = float64(total) / float64(f.observed)
	var mostRows, mostCols float64
	e.AlphaRows, mostRows = quantile(rows, f.rowN, e.Quantile)
	e.AlphaCols, mostCols = quantile(cols, f.colN, e.Quantile)
	e.AlphaMost = max(mostRows, mostCols)
	e.Alpha = max(e.AlphaRows, e.AlphaCols, 1/float64(min(f.d1, f.d2)))
	return nil
}
