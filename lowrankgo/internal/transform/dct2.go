package transform

import (
	"fmt"

	"github.com/lowrankgo/lowrank/lowrankgo/internal/par"
)

// DCT2 is the orthonormal cosine transform of d1×d2 matrices, C₁ X C₂ᵀ with the
// matrices C of [DCT]. Its basis matrices are products of a column and a row of
// cosines, of rank one. It works in place, divides rows and columns between
// threads in fixed blocks, and allocates nothing after it is made. A DCT2 is for
// one goroutine.
type DCT2 struct {
	d1, d2               int
	rowBlocks, colBlocks int
	rows                 []*DCT // one a block of rows
	cols                 []*DCT // one a block of columns
	tiles                []float64

	data         []float64 // of the call under way
	inverse      bool
	byRow, byCol *par.Loop
}

// tile is how many columns are gathered at once, a cache line of each row.
const tile = 8

// NewDCT2 plans the transform of d1×d2 matrices; it panics when a size is below
// 1. It stores at most 16·(11·d1 + 3·d2) numbers, or 16·(44·d1 + 36·d2) where a
// size has a prime factor above 13.
func NewDCT2(d1, d2 int) *DCT2 {
	if d1 < 1 || d2 < 1 {
		panic(fmt.Sprintf("transform: the shape is %d×%d; both sizes must be at least 1", d1, d2))
	}
	t := &DCT2{
		d1: d1, d2: d2,
		rowBlocks: par.Blocks(d1, 1+4096/d2, 16),
		colBlocks: par.Blocks((d2+tile-1)/tile, 1+4096/(d1*tile), 16),
	}
	t.tiles = make([]float64, t.colBlocks*tile*d1)
	for range t.rowBlocks {
		t.rows = append(t.rows, NewDCT(d2))
	}
	for range t.colBlocks {
		t.cols = append(t.cols, NewDCT(d1))
	}
	t.byRow, t.byCol = par.New(t.rowBlock), par.New(t.colBlock)
	return t
}

// Forward replaces data, row-major, by C₁ X C₂ᵀ. It panics unless data has
// length d1·d2.
func (t *DCT2) Forward(data []float64) { t.run(data, false) }

// Inverse replaces data, row-major, by C₁ᵀ X C₂. It panics unless data has
// length d1·d2.
func (t *DCT2) Inverse(data []float64) { t.run(data, true) }

func (t *DCT2) run(data []float64, inverse bool) {
	if len(data) != t.d1*t.d2 {
		panic(fmt.Sprintf("transform: %d numbers were given, want %d×%d", len(data), t.d1, t.d2))
	}
	t.data, t.inverse = data, inverse
	t.byRow.Run(t.rowBlocks)
	t.byCol.Run(t.colBlocks)
	t.data = nil
}

func (t *DCT2) apply(d *DCT, x []float64) {
	if t.inverse {
		d.Inverse(x)
	} else {
		d.Forward(x)
	}
}

func (t *DCT2) rowBlock(block int) {
	lo, hi := par.Bounds(t.d1, t.rowBlocks, block)
	for i := lo; i < hi; i++ {
		t.apply(t.rows[block], t.data[i*t.d2:(i+1)*t.d2])
	}
}

// colBlock gathers a few columns, so that each row's cache line is read once.
func (t *DCT2) colBlock(block int) {
	lo, hi := par.Bounds((t.d2+tile-1)/tile, t.colBlocks, block)
	cols := t.tiles[block*tile*t.d1 : (block+1)*tile*t.d1]
	for from := lo * tile; from < min(hi*tile, t.d2); from += tile {
		count := min(tile, t.d2-from)
		for i := range t.d1 {
			for k, v := range t.data[i*t.d2+from : i*t.d2+from+count] {
				cols[k*t.d1+i] = v
			}
		}
		for k := range count {
			t.apply(t.cols[block], cols[k*t.d1:(k+1)*t.d1])
		}
		for i := range t.d1 {
			row := t.data[i*t.d2+from : i*t.d2+from+count]
			for k := range row {
				row[k] = cols[k*t.d1+i]
			}
		}
	}
}
