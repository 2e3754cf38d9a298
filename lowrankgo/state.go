package lowrankgo

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/mat"
)

// stored is one variable of a [Saver]'s State as a checkpoint holds it. Floats
// are in slices, where the encoding keeps every bit, the sign of zero too.
type stored struct {
	Kind   string
	Shape  []int
	Floats []float64
	Ints   []int
	Bytes  []byte
}

// store copies what v, one of the pointers or slices of State, points to.
func store(v any) (stored, error) {
	if isNil(v) {
		return stored{}, fmt.Errorf("%T is nil", v)
	}
	s := stored{Kind: fmt.Sprintf("%T", v)}
	var err error
	switch v := v.(type) {
	case *float64:
		s.Floats = []float64{*v}
	case *int:
		s.Ints = []int{*v}
	case *uint64:
		s.Bytes = binary.LittleEndian.AppendUint64(nil, *v)
	case *bool:
		s.Bytes = []byte{0}
		if *v {
			s.Bytes[0] = 1
		}
	case *Info:
		s.Floats, s.Ints = []float64{v.Loss, v.GradNorm, v.Step}, []int{v.Evals}
	case []float64:
		s.Shape, s.Floats = []int{len(v)}, slices.Clone(v)
	case []int:
		s.Shape, s.Ints = []int{len(v)}, slices.Clone(v)
	case *Factors:
		s.add(v.U)
		if v.V != nil {
			s.add(v.V)
		}
	case *mat.Dense:
		s.add(v)
	case *rand.ChaCha8:
		s.Bytes, err = v.MarshalBinary()
	default:
		err = fmt.Errorf("%T cannot be stored; *float64, *int, *uint64, *bool, *Info, []float64, []int, *Factors, *mat.Dense and *rand.ChaCha8 can", v)
	}
	return s, err
}

// add appends a matrix: its shape, and its entries row by row.
func (s *stored) add(m *mat.Dense) {
	r, c := m.Dims()
	s.Shape = append(s.Shape, r, c)
	for i := range r {
		s.Floats = append(s.Floats, m.RawRowView(i)...)
	}
}

// restore overwrites what v points to. The receiver must have the kind and the
// sizes that v has.
func (s stored) restore(v any) error {
	now, err := store(v)
	if err != nil {
		return err
	}
	if s.Kind != now.Kind || !slices.Equal(s.Shape, now.Shape) || len(s.Floats) != len(now.Floats) || len(s.Ints) != len(now.Ints) || len(s.Bytes) != len(now.Bytes) {
		return fmt.Errorf("%s%v is saved where the method has %s%v", s.Kind, s.Shape, now.Kind, now.Shape)
	}
	switch v := v.(type) {
	case *float64:
		*v = s.Floats[0]
	case *int:
		*v = s.Ints[0]
	case *uint64:
		*v = binary.LittleEndian.Uint64(s.Bytes)
	case *bool:
		*v = s.Bytes[0] != 0
	case *Info:
		*v = Info{Loss: s.Floats[0], GradNorm: s.Floats[1], Step: s.Floats[2], Evals: s.Ints[0]}
	case []float64:
		copy(v, s.Floats)
	case []int:
		copy(v, s.Ints)
	case *Factors:
		rest := take(s.Floats, v.U)
		if v.V != nil {
			take(rest, v.V)
		}
	case *mat.Dense:
		take(s.Floats, v)
	case *rand.ChaCha8:
		return v.UnmarshalBinary(s.Bytes)
	}
	return nil
}

// take fills m, row by row, and returns the numbers that are left.
func take(from []float64, m *mat.Dense) []float64 {
	for i := range m.RawMatrix().Rows {
		from = from[copy(m.RawRowView(i), from):]
	}
	return from
}

// state stores everything that the method's next step depends on.
func (r *Run) state() ([]stored, error) {
	if r.left {
		return nil, fmt.Errorf("lowrankgo: the run was canceled inside a long step and did not wait for it, so that there is no state to save; with Options.Checkpoint it waits: %w", ErrCheckpoint)
	}
	s, ok := r.stepper.(Saver)
	if !ok {
		return nil, fmt.Errorf("lowrankgo: %s cannot be saved: its Stepper has no method State, which makes it a Saver: %w", r.trace.Method, ErrCheckpoint)
	}
	var out []stored
	for i, v := range s.State() {
		one, err := store(v)
		if err != nil {
			return nil, fmt.Errorf("lowrankgo: %s cannot be saved: variable %d of its State: %w: %w", r.trace.Method, i, err, ErrCheckpoint)
		}
		out = append(out, one)
	}
	return out, nil
}

// setState overwrites the method's variables by what state gave.
func (r *Run) setState(saved []stored) error {
	if _, err := r.state(); err != nil {
		return err
	}
	now := r.stepper.(Saver).State()
	if len(now) != len(saved) {
		return fmt.Errorf("lowrankgo: the checkpoint holds %d variables of %s, which has %d: it is from another version of the method: %w", len(saved), r.trace.Method, len(now), ErrCheckpoint)
	}
	for i, v := range now {
		if err := saved[i].restore(v); err != nil {
			return fmt.Errorf("lowrankgo: the checkpoint does not fit %s: variable %d: %w: %w", r.trace.Method, i, err, ErrCheckpoint)
		}
	}
	return nil
}
