package datasets

import (
	"archive/zip"
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gonum.org/v1/gonum/mat"
)

// NamedArray is an array of an .npz file. Data is a mat.Matrix, written as
// floats of 8 bytes row by row, or a vector: []float64, []int, []int32 or
// []int64.
type NamedArray struct {
	Name string
	Data any
}

// WriteNpy writes an array as numpy.save does, version 1.0 of the format. What
// data may be is said at [NamedArray]; another type is an error that wraps
// ErrValue. Any value is written, NaN and infinite ones too.
//
// Memory: a buffer. A matrix that is not stored by rows is read entry by entry.
func WriteNpy(w io.Writer, data any) error {
	if err := writeNpy(w, data); err != nil {
		return fmt.Errorf("datasets: WriteNpy: %w", err)
	}
	return nil
}

func writeNpy(w io.Writer, data any) error {
	descr, shape, write, err := npyContent(data)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	head := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", descr, shape)
	head += strings.Repeat(" ", 63-(10+len(head))%64) + "\n" // numbers begin at a multiple of 64 bytes
	b.WriteString("\x93NUMPY\x01\x00")
	b.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(head))))
	b.WriteString(head)
	write(b)
	return b.Flush() // it keeps the first error
}

// npyContent says how an array is described in a header and writes its numbers.
func npyContent(data any) (descr, shape string, write func(*bufio.Writer), err error) {
	vector := func(n int) string { return fmt.Sprintf("(%d,)", n) }
	switch x := data.(type) {
	case []float64:
		return "<f8", vector(len(x)), func(b *bufio.Writer) { writeFloats(b, x) }, nil
	case []int:
		return "<i8", vector(len(x)), func(b *bufio.Writer) {
			for _, v := range x {
				write8(b, uint64(int64(v)))
			}
		}, nil
	case []int64:
		return "<i8", vector(len(x)), func(b *bufio.Writer) {
			for _, v := range x {
				write8(b, uint64(v))
			}
		}, nil
	case []int32:
		return "<i4", vector(len(x)), func(b *bufio.Writer) {
			for _, v := range x {
				b.Write(binary.LittleEndian.AppendUint32(b.AvailableBuffer(), uint32(v)))
			}
		}, nil
	case *mat.Dense: // also one that is nil
		if x == nil {
			return "", "", nil, fmt.Errorf("the matrix is nil: %w", ErrEmpty)
		}
	case mat.Matrix:
	default:
		return "", "", nil, fmt.Errorf("a %T cannot be written; a mat.Matrix, []float64, []int, []int32 or []int64 is wanted: %w", data, ErrValue)
	}
	m := data.(mat.Matrix)
	rows, cols := m.Dims()
	return "<f8", fmt.Sprintf("(%d, %d)", rows, cols), func(b *bufio.Writer) { writeRows(b, m) }, nil
}

func writeRows(b *bufio.Writer, m mat.Matrix) {
	rows, cols := m.Dims()
	stored, ok := m.(mat.RawRowViewer)
	for i := range rows {
		if ok {
			writeFloats(b, stored.RawRowView(i))
			continue
		}
		for j := range cols {
			write8(b, math.Float64bits(m.At(i, j)))
		}
	}
}

func writeFloats(b *bufio.Writer, x []float64) {
	for _, v := range x {
		write8(b, math.Float64bits(v))
	}
}

func write8(b *bufio.Writer, x uint64) {
	b.Write(binary.LittleEndian.AppendUint64(b.AvailableBuffer(), x))
}

// WriteNpz writes arrays as numpy.savez does: numpy.load(file)["U"] gives the
// array of that name, and [Read] with OpenOptions.Variable "U" a matrix. The
// same arrays give the same bytes. A name that is empty or given twice, or has
// a slash, and an array that [WriteNpy] refuses, are errors.
func WriteNpz(w io.Writer, arrays ...NamedArray) error {
	if err := writeNpz(w, arrays); err != nil {
		return fmt.Errorf("datasets: WriteNpz: %w", err)
	}
	return nil
}

func writeNpz(w io.Writer, arrays []NamedArray) error {
	seen := map[string]bool{}
	for _, a := range arrays { // before anything is written
		if a.Name == "" || strings.ContainsAny(a.Name, "/\\\x00") || seen[a.Name] {
			return fmt.Errorf("the name of array %q is empty, has a slash, or is given twice: %w", a.Name, ErrValue)
		}
		if _, _, _, err := npyContent(a.Data); err != nil {
			return fmt.Errorf("array %s: %w", a.Name, err)
		}
		seen[a.Name] = true
	}
	z := zip.NewWriter(w)
	for _, a := range arrays {
		member, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
		if err == nil {
			err = writeNpy(member, a.Data)
		}
		if err != nil {
			return fmt.Errorf("array %s: %w", a.Name, err)
		}
	}
	return z.Close()
}

// SaveNpz writes the file that [WriteNpz] makes. It appears under its name when
// it is complete, and replaces one that was there; after an error there is what
// was there before.
func SaveNpz(path string, arrays ...NamedArray) error {
	return writeFile(path, func(w io.Writer) error { return writeNpz(w, arrays) })
}

// writeFile writes a file in a folder of its own beside path and moves it when
// it is complete.
func writeFile(path string, write func(io.Writer) error) (err error) {
	work, err := os.MkdirTemp(filepath.Dir(path), "."+filepath.Base(path)+".*.tmp")
	if err != nil {
		return fmt.Errorf("datasets: %w", err)
	}
	defer os.RemoveAll(work)
	temp := filepath.Join(work, filepath.Base(path))
	if err := writeWhole(temp, write); err != nil {
		return fmt.Errorf("datasets: %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(temp, path); err != nil {
		return fmt.Errorf("datasets: %w", err)
	}
	return nil
}

func writeWhole(path string, write func(io.Writer) error) error {
	f, err := os.Create(path) // with the rights that this user gives to files
	if err != nil {
		return err
	}
	return cmp.Or(write(f), f.Close())
}
