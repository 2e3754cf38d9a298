package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// entries are values at places of a matrix, given as a list or by a mask.
type entries struct {
	name       string
	d1, d2     int
	rows, cols []int
	values     []float64
	mask       *operator.Mask // instead of the other places
}

// resolve returns the mask and the values in its order.
func (e entries) resolve() (*operator.Mask, []float64, error) {
	if e.mask != nil {
		return e.ordered()
	}
	if len(e.values) != len(e.rows) {
		return nil, nil, fmt.Errorf("problem: %s has %d values at %d places; they must be as many: %w", e.name, len(e.values), len(e.rows), lr.ErrShape)
	}
	mask, order, err := operator.NewMask(e.d1, e.d2, e.rows, e.cols)
	if err != nil {
		return nil, nil, err
	}
	if err := checkFinite(e.name, e.values); err != nil { // here, where indices are the caller's
		return nil, nil, err
	}
	b := make([]float64, len(order))
	for at, k := range order {
		b[at] = e.values[k]
	}
	return mask, b, nil
}

// ordered is resolve with a mask.
func (e entries) ordered() (*operator.Mask, []float64, error) {
	if len(e.rows) > 0 || len(e.cols) > 0 {
		return nil, nil, fmt.Errorf("problem: %s has a Mask and also Rows and Cols; only one of the two says where the entries are: %w", e.name, lr.ErrValue)
	}
	d1, d2, n := e.mask.Dims()
	if (e.d1 != 0 && e.d1 != d1) || (e.d2 != 0 && e.d2 != d2) {
		return nil, nil, fmt.Errorf("problem: %s has shape %d×%d but its Mask is %d×%d; leave D1 and D2 0 with a Mask: %w", e.name, e.d1, e.d2, d1, d2, lr.ErrShape)
	}
	if err := checkMeasurements(e.name, e.values, n); err != nil {
		return nil, nil, err
	}
	return e.mask, append([]float64(nil), e.values...), nil
}

// square fills in the second size of a symmetric shape.
func square(d1, d2 int, symmetric bool) int {
	if symmetric && d2 == 0 {
		return d1
	}
	return d2
}
