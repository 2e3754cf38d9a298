package linalg

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestDenseHelpers(t *testing.T) {
	if got, want := Identity(2), mat.NewDense(2, 2, []float64{1, 0, 0, 1}); !mat.Equal(got, want) {
		t.Errorf("the identity is %v", mat.Formatted(got))
	}
	a := mat.NewDense(3, 3, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9})
	Symmetrise(a)
	if want := mat.NewDense(3, 3, []float64{1, 3, 5, 3, 5, 7, 5, 7, 9}); !mat.Equal(a, want) {
		t.Errorf("the symmetric part is %v", mat.Formatted(a))
	}
	view := a.Slice(0, 2, 1, 3).(*mat.Dense)
	ScaleColumn(view, 1, 2)
	if want := mat.NewDense(3, 3, []float64{1, 3, 10, 3, 5, 14, 5, 7, 9}); !mat.Equal(a, want) {
		t.Errorf("with the second column of a view doubled: %v", mat.Formatted(a))
	}
}
