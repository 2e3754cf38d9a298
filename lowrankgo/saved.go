package lowrankgo

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// A checkpoint begins with this line; then follow the version of the format
// (4 bytes), the length of the payload (8) and its SHA-256 (32), integers with
// the most significant byte first; then the payload, a gob of saved.
const (
	checkpointLine    = "lowrankgo checkpoint\n"
	checkpointVersion = 2
	checkpointHeader  = len(checkpointLine) + 4 + 8 + sha256.Size
)

// saved is what a checkpoint holds.
type saved struct {
	Method, Problem        string
	Version, Arch, Variant string
	D1, D2, Rank           int
	Symmetric              bool
	Print                  []float64

	Status  Status
	Cause   string
	Every   int
	Iter    int
	Elapsed time.Duration
	Info    stored
	Point   []float64 // U and then V, row by row
	State   []stored

	RowIter []int
	RowTime []time.Duration
	Rows    []float64 // six numbers a row
}

func (r *Run) saved(state []stored) *saved {
	t := r.trace
	s := &saved{
		Method: t.Method, Problem: t.Problem, Version: t.Version, Arch: t.Arch, Variant: t.Variant,
		D1: t.D1, D2: t.D2, Rank: t.Rank, Symmetric: r.good.Symmetric(), Print: r.print,
		Status: t.Status, Every: r.opts.Every, Iter: r.iter, Elapsed: r.elapsed, State: state,
	}
	if r.cause != nil {
		s.Cause = r.cause.Error()
	}
	s.Info, _ = store(&r.info)
	point, _ := store(r.good)
	s.Point = point.Floats
	for _, row := range t.Rows {
		s.RowIter, s.RowTime = append(s.RowIter, row.Iter), append(s.RowTime, row.Elapsed)
		s.Rows = append(s.Rows, row.Loss, row.GradNorm, row.RelErr, row.SqErr, row.Residual, row.Step)
	}
	return s
}

func (s *saved) rows() []Row {
	rows := make([]Row, len(s.RowIter))
	for i := range rows {
		v := s.Rows[6*i:]
		rows[i] = Row{Iter: s.RowIter[i], Loss: v[0], GradNorm: v[1], RelErr: v[2], SqErr: v[3], Residual: v[4], Step: v[5], Elapsed: s.RowTime[i]}
	}
	return rows
}

func (s *saved) info() (info Info) {
	_ = s.Info.restore(&info) // check has seen that it fits
	return info
}

func (s *saved) encode() ([]byte, error) {
	var payload bytes.Buffer
	if err := gob.NewEncoder(&payload).Encode(s); err != nil {
		return nil, err
	}
	return envelope(payload.Bytes()), nil
}

// envelope puts the line and the header before a payload.
func envelope(payload []byte) []byte {
	sum := sha256.Sum256(payload)
	out := make([]byte, 0, checkpointHeader+len(payload))
	out = append(out, checkpointLine...)
	out = binary.BigEndian.AppendUint32(out, checkpointVersion)
	out = binary.BigEndian.AppendUint64(out, uint64(len(payload)))
	out = append(out, sum[:]...)
	return append(out, payload...)
}

// unusable is an error about what was read.
func unusable(format string, args ...any) error {
	return fmt.Errorf("lowrankgo: "+format+": %w", append(args, ErrCheckpoint)...)
}

// readSaved reads a checkpoint and decodes it, when its checksum fits.
func readSaved(from io.Reader) (*saved, error) {
	payload, err := readPayload(from)
	if err != nil {
		return nil, err
	}
	s := new(saved)
	if err := gob.NewDecoder(bytes.NewReader(payload)).Decode(s); err != nil {
		return nil, unusable("the checkpoint's checksum fits but its contents cannot be read (%v)", err)
	}
	return s, s.check()
}

func readPayload(from io.Reader) ([]byte, error) {
	header := make([]byte, checkpointHeader)
	n, err := io.ReadFull(from, header)
	if err != nil && err != io.EOF && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, unusable("reading a checkpoint: %w", err)
	}
	line := header[:min(n, len(checkpointLine))]
	switch {
	case n == 0:
		return nil, unusable("the checkpoint is empty")
	case string(line) != checkpointLine[:len(line)]:
		return nil, unusable("this is no checkpoint: it begins with %q, a checkpoint with %q", line, checkpointLine)
	case n < checkpointHeader:
		return nil, unusable("the checkpoint is truncated: it has %d bytes, its header alone has %d", n, checkpointHeader)
	}
	rest := header[len(checkpointLine):]
	if v := binary.BigEndian.Uint32(rest); v > checkpointVersion {
		return nil, unusable("the checkpoint has format version %d; this library, %s, reads up to %d: a newer one wrote it", v, Version, checkpointVersion)
	} else if v > 0 && v < checkpointVersion {
		return nil, unusable("the checkpoint has format version %d, of an older library; this one, %s, reads version %d: the run must begin anew", v, Version, checkpointVersion)
	} else if v == 0 {
		return nil, unusable("the checkpoint is corrupted: its format version is 0")
	}
	length := binary.BigEndian.Uint64(rest[4:])
	if length > math.MaxInt64-1 {
		return nil, unusable("the checkpoint is corrupted: its length is given as %d bytes", length)
	}
	var payload bytes.Buffer // grows with what is there, not with what is claimed
	got, err := io.Copy(&payload, io.LimitReader(from, int64(length)+1))
	switch {
	case err != nil:
		return nil, unusable("reading a checkpoint: %w", err)
	case got < int64(length):
		return nil, unusable("the checkpoint is truncated: %d of %d bytes are there", got, length)
	case got > int64(length):
		return nil, unusable("the checkpoint is corrupted: more than the %d bytes that it says it has are there", length)
	case sha256.Sum256(payload.Bytes()) != [sha256.Size]byte(rest[12:]):
		return nil, unusable("the checkpoint is corrupted: its checksum does not fit")
	}
	return payload.Bytes(), nil
}

// check holds the parts of a checkpoint against one another.
func (s *saved) check() error {
	last := -1
	for _, k := range s.RowIter {
		if k <= last || k > s.Iter {
			return unusable("the checkpoint's trace has step %d after step %d of %d", k, last, s.Iter)
		}
		last = k
	}
	ok := s.Info.restore(new(Info)) == nil && s.Iter >= 0 && s.Every >= 1 && s.Elapsed >= 0 && s.Status >= Running && s.Status <= Failed &&
		len(s.Rows) == 6*len(s.RowIter) && len(s.RowTime) == len(s.RowIter) && len(s.Print) == 4
	if !ok {
		return unusable("the checkpoint's contents do not fit one another")
	}
	return nil
}

// belongsTo returns an error unless the checkpoint is of this method and
// problem, and the problem's fingerprint.
func (s *saved) belongsTo(p Problem, m Method) ([]float64, error) {
	if name := m.Name(); name != s.Method {
		return nil, unusable("the checkpoint is of the method %s; it cannot be resumed with %s", s.Method, name)
	}
	d1, d2, rank := p.Dims()
	size := d1 * rank
	if !SymmetricOf(p) {
		size += d2 * rank
	}
	if s.D1 != d1 || s.D2 != d2 || s.Rank != rank || s.Symmetric != SymmetricOf(p) {
		return nil, unusable("the checkpoint is of a problem of shape %d×%d, rank %d, symmetric %t (%s); %s is %d×%d, rank %d, symmetric %t",
			s.D1, s.D2, s.Rank, s.Symmetric, s.Problem, describe(p), d1, d2, rank, SymmetricOf(p))
	}
	if len(s.Point) != size {
		return nil, unusable("the checkpoint's point has %d numbers, want %d", len(s.Point), size)
	}
	now, err := fingerprint(p)
	if err != nil {
		return nil, err
	}
	if !samePrint(s.Print, now) {
		return nil, unusable("the checkpoint is of another problem (%s) than %s: their values at 0 are %.9g and %.9g, at a test point %.9g and %.9g, with slopes %.9g and %.9g",
			s.Problem, describe(p), s.Print[0], now[0], s.Print[1], now[1], s.Print[2], now[2])
	}
	return now, nil
}
