package tune

import (
	"context"
	"math"
	"slices"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
)

// counter counts the outliers of each row and column in one pass.
type counter struct {
	*fit
	limit float64
	rows  []int
	cols  [][]int // of each block
}

func (f *fit) outliers(ctx context.Context, limit float64) (rows, cols []int, err error) {
	f.ctx = ctx
	c := &counter{fit: f, limit: limit, rows: make([]int, f.d1), cols: make([][]int, f.blocks)}
	par.New(c.count).Run(f.blocks)
	if ctx.Err() != nil {
		return nil, nil, canceled(ctx)
	}
	cols = make([]int, f.d2)
	for _, block := range c.cols {
		for j, n := range block {
			cols[j] += n
		}
	}
	return c.rows, cols, nil
}

func (c *counter) count(block int) {
	w := c.work[block]
	c.cols[block] = make([]int, c.d2)
	lo, hi := par.Bounds(c.d1, c.blocks, block)
	for i := lo; i < hi && c.ctx.Err() == nil; i++ {
		c.residual(w, i)
		for j, d := range w.e {
			if math.Abs(d) > c.limit {
				c.rows[i]++
				c.cols[block][j]++
			}
		}
	}
}

// quantile returns the smallest share of a line's observed entries that is
// enough for the share q of the lines, and the one that is enough for all.
func quantile(count, of []int, q float64) (share, most float64) {
	var shares []float64
	for l, n := range of {
		if n > 0 {
			shares = append(shares, float64(count[l])/float64(n))
		}
	}
	slices.Sort(shares)
	at := int(math.Ceil(q*float64(len(shares)) - 1e-9))
	return shares[max(at, 1)-1], shares[len(shares)-1]
}
