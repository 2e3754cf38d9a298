package lowrankgo_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
)

// checkpointLine is the first line of a checkpoint, after which come 4 bytes
// of version, 8 of length and 32 of checksum.
const checkpointLine = "lowrankgo checkpoint\n"

const (
	versionAt = len(checkpointLine)
	lengthAt  = versionAt + 4
	sumAt     = lengthAt + 8
	payloadAt = sumAt + sha256.Size
)

func goodCheckpoint(t testing.TB) []byte {
	r := started(t, spoon(3), wander{seed: 7}, &lr.Options{MaxIter: 6, Stop: never})
	drain(r)
	return stored(t, r)
}

func changed(data []byte, at int, b ...byte) []byte {
	out := bytes.Clone(data)
	copy(out[at:], b)
	return out
}

// resealed makes length and checksum fit the payload.
func resealed(payload []byte) []byte {
	sum := sha256.Sum256(payload)
	out := append([]byte(checkpointLine), 0, 0, 0, 2)
	out = binary.BigEndian.AppendUint64(out, uint64(len(payload)))
	return append(append(out, sum[:]...), payload...)
}

func resume(from io.Reader) error {
	_, err := lr.Resume(spoon(3), wander{seed: 7}, from, &lr.Options{MaxIter: 8})
	return err
}

type badDisk struct{}

func (badDisk) Read([]byte) (int, error) { return 0, errors.New("bad sector") }

// TestDamaged: each kind of damage is an error that names it.
func TestDamaged(t *testing.T) {
	good := goodCheckpoint(t)
	if err := resume(bytes.NewReader(good)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		data io.Reader
		says string
	}{
		"empty":              {bytes.NewReader(nil), "empty"},
		"another file":       {strings.NewReader("PK\x03\x04 and so on, for some longer than a header, which it is"), "no checkpoint"},
		"a short other file": {strings.NewReader("lower"), "no checkpoint"},
		"half a line":        {bytes.NewReader(good[:5]), "truncated"},
		"half a header":      {bytes.NewReader(good[:payloadAt-1]), "truncated"},
		"header alone":       {bytes.NewReader(good[:payloadAt]), "truncated"},
		"one byte short":     {bytes.NewReader(good[:len(good)-1]), "truncated"},
		"one byte more":      {bytes.NewReader(append(bytes.Clone(good), 0)), "more than"},
		"newer":              {bytes.NewReader(changed(good, versionAt, 0, 0, 0, 9)), "format version 9"},
		"older":              {bytes.NewReader(changed(good, versionAt, 0, 0, 0, 1)), "older"},
		"version 0":          {bytes.NewReader(changed(good, versionAt, 0, 0, 0, 0)), "corrupted"},
		"huge length":        {bytes.NewReader(changed(good, lengthAt, 0xff)), "corrupted"},
		"large length":       {bytes.NewReader(changed(good, lengthAt, 0x10)), "truncated"},
		"a flipped sum":      {bytes.NewReader(changed(good, sumAt, good[sumAt]^1)), "checksum"},
		"a flipped bit":      {bytes.NewReader(changed(good, len(good)-9, good[len(good)-9]^4)), "checksum"},
		"a resealed nothing": {bytes.NewReader(resealed(nil)), "cannot be read"},
		"a resealed half":    {bytes.NewReader(resealed(good[payloadAt : len(good)/2])), "cannot be read"},
		"a bad disk":         {badDisk{}, "bad sector"},
		"a bad disk later":   {io.MultiReader(bytes.NewReader(good[:payloadAt+3]), badDisk{}), "bad sector"},
	} {
		if err := resume(c.data); !errors.Is(err, lr.ErrCheckpoint) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: error %v; want one that wraps ErrCheckpoint and says %q", name, err, c.says)
		}
	}
}

// No single changed byte goes unseen, wherever it is.
func TestEveryByteCounts(t *testing.T) {
	good := goodCheckpoint(t)
	for at := range good {
		if err := resume(bytes.NewReader(changed(good, at, good[at]^0x20))); !errors.Is(err, lr.ErrCheckpoint) {
			t.Fatalf("a change of byte %d of %d gives %v", at, len(good), err)
		}
		if err := resume(bytes.NewReader(good[:at])); !errors.Is(err, lr.ErrCheckpoint) {
			t.Fatalf("%d of %d bytes give %v", at, len(good), err)
		}
	}
}

// A header that claims an exabyte costs nothing.
func TestClaimsAreNotBelieved(t *testing.T) {
	data := changed(goodCheckpoint(t), lengthAt, 0x10)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := resume(bytes.NewReader(data))
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; err == nil || got > 1<<20 {
		t.Errorf("error %v with %d bytes allocated, want an error and less than 1 MiB", err, got)
	}
}

// FuzzResume gives anything at all, as a file and as the payload of a file
// whose checksum fits: an error or a run that works, never a panic.
func FuzzResume(f *testing.F) {
	good := goodCheckpoint(f)
	f.Add(good, false)
	f.Add(good[payloadAt:], true)
	f.Add(good[:len(good)/2], false)
	f.Add(good[payloadAt:len(good)-20], true)
	f.Add([]byte(checkpointLine), false)
	for at := payloadAt; at < len(good); at += 97 {
		f.Add(changed(good, at, good[at]^0x41)[payloadAt:], true)
	}
	f.Fuzz(func(t *testing.T, data []byte, seal bool) {
		if seal {
			data = resealed(data)
		}
		r, err := lr.Resume(spoon(3), wander{seed: 7}, bytes.NewReader(data), &lr.Options{MaxIter: 50})
		if err != nil {
			return
		}
		if drain(r); r.Result().X == nil || r.Trace().Status == lr.Running {
			t.Errorf("the run is left as %v", r.Trace().Status)
		}
	})
}
