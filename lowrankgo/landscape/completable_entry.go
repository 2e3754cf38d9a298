package landscape

import (
	"context"
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// EntryAnswer says whether one entry is determined.
type EntryAnswer struct {
	Determined Answer
	Proven     bool // exact, up to Completability.Failure when it is no
	// Residual of the least squares of a block that is estimated: the distance of
	// the entry's row of the Jacobian from the span of the observed ones, as a part
	// of its length. It is 0 up to rounding when the entry is determined. NaN where
	// no fit was needed.
	Residual float64
	Iter     int // iterations of the fit
}

// Entry decides entry (i, j), counted from 0. Where [Completability.At] is exact it
// answers at once; in a block that is estimated it takes a least-squares fit by
// LSQR, at most ten times CompletableOptions.Products iterations of 8|Ω|r flops
// each: yes for a residual up to 1e-8, no for one of at least 1e-6 that has
// converged, else unknown. An entry outside the matrix is an error.
//
// It may not be called by two goroutines at once.
func (c *Completability) Entry(ctx context.Context, i, j int) (*EntryAnswer, error) {
	if i < 0 || i >= c.D1 || j < 0 || j >= c.D2 {
		return nil, fmt.Errorf("landscape: there is no entry (%d, %d) in a %d×%d matrix; rows 0 to %d and columns 0 to %d are: %w", i, j, c.D1, c.D2, c.D1-1, c.D2-1, lr.ErrShape)
	}
	at := c.At(i, j)
	k := c.rowIn[i]
	if k < 0 || k != c.colIn[j] || c.Blocks[k].Estimate == nil || c.parts[k].Sure(c.rowNew[i], c.colNew[j]) {
		return &EntryAnswer{Determined: at, Proven: true, Residual: math.NaN()}, nil
	}
	f, err := c.parts[k].Fit(ctx, c.rowNew[i], c.colNew[j], 10*c.o.Products)
	if err != nil {
		return nil, fmt.Errorf("landscape: the fit of entry (%d, %d) was stopped: %w", i, j, err)
	}
	return &EntryAnswer{Determined: Answer(f.Answer()), Residual: f.Residual, Iter: f.Iter}, nil
}
