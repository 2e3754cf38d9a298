package datasets

import (
	"errors"
	"slices"
	"strings"

	"github.com/lowrankgo/lowrank/datasets/internal/hdf5"
)

const hdf5Magic = hdf5.Magic

func isHDF5(b []byte) bool { return hdf5.Find(b) >= 0 }

// readMat73 reads a variable of a MATLAB file of version 7.3, which is HDF5
// with the axes reversed and the class of each variable in an attribute.
func readMat73(s *source) (*Data, error) {
	b, err := s.all()
	if err != nil {
		return nil, err
	}
	found, others, err := s.mat73Vars(b)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, o := range found {
		names = append(names, o.Name)
	}
	if len(names) == 0 && len(others) > 0 {
		return nil, s.errorf(ErrEmpty, "it holds no array of numbers, but %q", others)
	}
	name, err := s.choose(names)
	if err != nil {
		return nil, err
	}
	o := found[slices.Index(names, name)]
	d, err := s.mat73Data(o)
	if err == nil {
		d.Variable = name
	}
	return d, err
}

// mat73Vars lists the variables that are arrays of numbers, and the others.
func (s *source) mat73Vars(b []byte) (found []*hdf5.Object, others []string, err error) {
	f, err := hdf5.Open(b, s.left)
	if err != nil {
		return nil, nil, s.hdf5Error(err)
	}
	root, err := f.Root()
	if err != nil {
		return nil, nil, s.hdf5Error(err)
	}
	children, err := root.Children()
	if err != nil {
		return nil, nil, s.hdf5Error(err)
	}
	for _, o := range children {
		class, ok := o.Attribute("MATLAB_class")
		_, sparse := o.Attribute("MATLAB_sparse")
		switch word := string(class); {
		case strings.HasPrefix(o.Name, "#"): // MATLAB's own
		case sparse || o.IsDataset() && (!ok || isMatNumber(word)):
			found = append(found, o)
		case ok:
			others = append(others, o.Name+" ("+word+")")
		default:
			others = append(others, o.Name+" (group)")
		}
	}
	return found, others, nil
}

func isMatNumber(class string) bool {
	return slices.Contains([]string{"double", "single", "logical", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"}, class)
}

func (s *source) hdf5Error(err error) error {
	if errors.Is(err, hdf5.ErrFormat) {
		return s.errorf(ErrFormat, "%s", strings.TrimSuffix(err.Error(), ": "+hdf5.ErrFormat.Error()))
	}
	return s.errorf(ErrFormat, "%v", err)
}

func (s *source) mat73Data(o *hdf5.Object) (*Data, error) {
	if rows, ok := o.Attribute("MATLAB_sparse"); ok {
		return s.mat73Sparse(o, rows)
	}
	if empty, ok := o.Attribute("MATLAB_empty"); ok && len(empty) > 0 {
		return nil, s.errorf(ErrEmpty, "variable %s is empty", o.Name)
	}
	shape, values, err := s.hdf5Numbers(o)
	if err != nil {
		return nil, err
	}
	_, matlab := o.Attribute("MATLAB_class")
	if matlab {
		slices.Reverse(shape)
	}
	d, err := s.dataOf(array{shape: shape, columnsFirst: matlab, values: values})
	if err == nil && !matlab {
		d.note("HDF5 that MATLAB did not write: axes as they are stored")
	}
	return d, err
}

// hdf5Numbers reads a dataset.
func (s *source) hdf5Numbers(o *hdf5.Object) ([]int, []float64, error) {
	d, err := o.Dataset()
	if err != nil {
		return nil, nil, s.hdf5Error(err)
	}
	raw, err := d.Bytes()
	if err != nil {
		return nil, nil, s.hdf5Error(err)
	}
	if err := s.take(8 * int64(len(raw)/d.Type.Size)); err != nil {
		return nil, nil, err
	}
	return d.Dims, number{kind: d.Type.Kind, size: d.Type.Size, big: d.Type.Big}.floats(raw), nil
}

// mat73Sparse reads a group with the members data, ir and jc; the number of
// rows is the attribute.
func (s *source) mat73Sparse(o *hdf5.Object, attr []byte) (*Data, error) {
	children, err := o.Children()
	if err != nil {
		return nil, s.hdf5Error(err)
	}
	parts := map[string][]float64{}
	for _, c := range children {
		if c.Name != "data" && c.Name != "ir" && c.Name != "jc" {
			continue
		}
		if _, parts[c.Name], err = s.hdf5Numbers(c); err != nil {
			return nil, err
		}
	}
	if len(parts["jc"]) < 2 || len(attr) > 8 {
		return nil, s.errorf(ErrFormat, "the sparse variable %s has no columns; members data, ir and jc are wanted", o.Name)
	}
	rows := uint64(0)
	for k, b := range attr { // little-endian, zeros at the end trimmed
		rows |= uint64(b) << (8 * k)
	}
	return s.matSparse(int(min(rows, maxSide+1)), len(parts["jc"])-1, parts["ir"], parts["jc"], parts["data"])
}
