package datasets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The tests of this package need only Go: in place of ffmpeg they run their own
// binary, which does what a word in the environment says. Those that need
// ffmpeg itself are built by the tag ffmpeg.
const standInKind = "LOWRANK_TEST_FFMPEG"

func TestMain(m *testing.M) {
	if kind := os.Getenv(standInKind); kind != "" {
		os.Exit(standInMain(kind, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// standIn is the path of a program that behaves as kind says.
func standIn(t *testing.T, kind string) string {
	t.Helper()
	t.Setenv(standInKind, kind)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return self
}

func standInMain(kind string, args []string) int {
	text := strings.Join(args, " ")
	frames := func(n, h, w int) {
		for k := range n {
			fmt.Printf("P5\n%d %d\n255\n", w, h)
			for p := range h * w {
				os.Stdout.Write([]byte{byte(10*k + p)})
			}
		}
	}
	switch kind {
	case "frames":
		frames(3, 2, 4)
	case "none":
	case "arguments": // the text as one frame
		fmt.Printf("P5\n%d 1\n255\n%s", len(text), text)
	case "fails":
		fmt.Fprintln(os.Stderr, "first\n[h264 @ 0x55d6618358c0] this is wrong\n"+args[len(args)-1]+": and so is this")
		fmt.Fprintln(os.Stderr)
		return 1
	case "fails-behind", "complains-behind":
		frames(2, 2, 4)
		fmt.Fprintln(os.Stderr, "[matroska @ 0x1] File ended prematurely")
		if kind == "fails-behind" {
			return 1
		}
	case "no-video":
		fmt.Fprintln(os.Stderr, "Stream map '0:V:0' matches no streams.\nTo ignore this, add a trailing '?' to the map.")
		return 1
	case "cut":
		frames(2, 2, 4)
		fmt.Print("P5\n4 2\n255\nab")
	case "garbage":
		fmt.Print("P5\n4 -2\n255\nab")
	case "two-sizes":
		frames(1, 2, 4)
		frames(1, 4, 2)
	case "endless":
		for {
			frames(1, 64, 64)
		}
	case "hangs":
		frames(1, 2, 2)
		time.Sleep(time.Minute)
	case "old-ffmpeg":
		if strings.Contains(text, "libx264") {
			fmt.Fprintln(os.Stderr, "Unknown encoder 'libx264'")
			return 1
		}
		fallthrough
	case "encode":
		greys, err := io.ReadAll(os.Stdin)
		if err == nil {
			err = os.WriteFile(strings.TrimPrefix(args[len(args)-1], "file:"), append([]byte(text+"\n"), greys...), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
	}
	return 0
}

// video is a file that looks like one.
func video(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte("\x00\x00\x00\x20ftypisom, says the file"), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenVideoFrames(t *testing.T) {
	path := video(t, "film.mp4")
	program := standIn(t, "frames")
	for _, rows := range []bool{false, true} {
		for how, open := range map[string]func() (*Data, error){
			"OpenVideo": func() (*Data, error) {
				return OpenVideo(t.Context(), path, &VideoOptions{FFmpeg: program, FramesAsRows: rows})
			},
			"Open": func() (*Data, error) {
				return Open(path, &OpenOptions{FramesAsRows: rows, Video: &VideoOptions{FFmpeg: program}})
			},
		} {
			d, err := open()
			if err != nil {
				t.Fatalf("%s: %v", how, err)
			}
			r, c := d.Dims()
			if rows {
				r, c = c, r
			}
			if r != 8 || c != 3 || d.Height != 2 || d.Width != 4 || d.Name != "film.mp4" || d.Format != "video" || d.Listed() {
				t.Fatalf("%s: %v, %+v", how, d, d)
			}
			m, _ := d.Matrix()
			for k := range 3 {
				frame, err := d.Frame(m, k)
				if err != nil {
					t.Fatal(err)
				}
				for p := range 8 {
					if got := frame.At(p/4, p%4); got != float64(10*k+p) {
						t.Errorf("%s, rows %t: pixel %d of frame %d is %v", how, rows, p, k, got)
					}
				}
			}
		}
	}
}

func TestOpenVideoArguments(t *testing.T) {
	path := video(t, "-film 'a':b.mp4")
	program := standIn(t, "arguments")
	arguments := func(o VideoOptions) string {
		o.FFmpeg = program
		d, err := OpenVideo(t.Context(), path, &o)
		if err != nil {
			t.Fatal(err)
		}
		m, _ := d.Matrix()
		var b strings.Builder
		for _, v := range m.RawMatrix().Data {
			b.WriteByte(byte(v))
		}
		return b.String()
	}
	plain := arguments(VideoOptions{})
	for _, want := range []string{"-nostdin", "-protocol_whitelist file,pipe", "-i file:" + path + " ", "-vf settb=1/25,setpts=N ", "-pix_fmt gray", "pipe:1"} {
		if !strings.Contains(plain, want) {
			t.Errorf("%s\nhas no %q", plain, want)
		}
	}
	if strings.Contains(plain, "hls") || strings.Contains(plain, "concat") {
		t.Errorf("playlists are read: %s", plain)
	}
	for want, o := range map[string]VideoOptions{
		"-vf select='gte(n,3)*not(mod(n-3,2))',settb": {Start: 3, Every: 2},
		"-vf scale=80:-1:flags=area,settb":            {Width: 80},
		"-vf scale=-1:60:flags=area,settb":            {Height: 60},
		"scale=80:60:flags=area,settb":                {Height: 60, Width: 80, Every: 5},
		"-frames:v 7 ":                                {Frames: 7},
	} {
		if got := arguments(o); !strings.Contains(got, want) {
			t.Errorf("%+v: %s\nhas no %q", o, got, want)
		}
	}
}

func TestOpenVideoFailures(t *testing.T) {
	path := video(t, "film.mp4")
	for _, c := range []struct {
		kind string
		o    VideoOptions
		is   error
		want string
	}{
		{"fails", VideoOptions{}, ErrFormat, "film.mp4: no frame can be decoded, ffmpeg says: this is wrong; pipe:1: and so is this"},
		{"no-video", VideoOptions{}, ErrFormat, "it has no video stream"},
		{"none", VideoOptions{}, ErrEmpty, "the video has no frames"},
		{"none", VideoOptions{Start: 9}, ErrEmpty, "no frame behind the first 9"},
		{"fails-behind", VideoOptions{}, ErrFormat, "damaged or cut off: after 2 frames that can be decoded, ffmpeg says: File ended prematurely; set Damaged"},
		{"complains-behind", VideoOptions{}, ErrFormat, "after 2 frames that can be decoded, ffmpeg says: File ended"},
		{"cut", VideoOptions{}, ErrFormat, "frame 2 breaks off"},
		{"garbage", VideoOptions{}, ErrFormat, `no PGM image: its header is "P5\n4 -2\n255\n"`},
		{"two-sizes", VideoOptions{}, ErrFormat, "frame 1 is 4×2 pixels, those before are 2×4"},
		{"endless", VideoOptions{MaxBytes: 1 << 20}, ErrTooLarge, "28 frames of 64×64 pixels fill the limit of MaxBytes = 1048576 bytes; read smaller frames (Width)"},
		{"frames", VideoOptions{MaxBytes: -1}, ErrValue, "MaxBytes is -1"},
		{"frames", VideoOptions{Width: -1}, ErrValue, "Width is -1"},
		{"frames", VideoOptions{Height: 40000}, ErrValue, "Height 40000; pixels from 1 to 32768"},
		{"frames", VideoOptions{Every: -2}, ErrValue, "Every -2"},
	} {
		t.Run(c.kind, func(t *testing.T) {
			c.o.FFmpeg = standIn(t, c.kind)
			d, err := OpenVideo(t.Context(), path, &c.o)
			if d != nil || !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v\nwant %q", err, c.want)
			}
		})
	}
	if _, err := OpenVideo(t.Context(), "no.mp4", nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := OpenVideo(t.Context(), t.TempDir(), nil); !errors.Is(err, ErrFormat) {
		t.Errorf("a folder: %v", err)
	}
	_, err := OpenVideo(t.Context(), path, &VideoOptions{FFmpeg: "no-such-program-here"})
	if !errors.Is(err, exec.ErrNotFound) || !strings.Contains(err.Error(), "apt install ffmpeg") {
		t.Errorf("no ffmpeg: %v", err)
	}
}

// A damaged video is read as far as it goes where that is asked for, and says
// so.
func TestOpenVideoDamaged(t *testing.T) {
	for kind, want := range map[string]string{
		"fails-behind": "damaged: File ended prematurely", "complains-behind": "damaged: File ended prematurely", "cut": "frame 2 breaks off",
	} {
		t.Run(kind, func(t *testing.T) {
			d, err := OpenVideo(t.Context(), video(t, "film.mkv"), &VideoOptions{FFmpeg: standIn(t, kind), Damaged: true})
			if err != nil {
				t.Fatal(err)
			}
			if _, n := d.Dims(); n != 2 || !strings.Contains(strings.Join(d.Notes, "\n"), want) {
				t.Errorf("%v, %q; want %q", d, d.Notes, want)
			}
		})
	}
}

// Reading ends when ctx does, and so does the program.
func TestOpenVideoCanceled(t *testing.T) {
	for _, kind := range []string{"hangs", "endless"} {
		t.Run(kind, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer cancel()
			begin := time.Now()
			_, err := OpenContext(ctx, video(t, "film.mp4"), &OpenOptions{MaxBytes: 1 << 40, Video: &VideoOptions{FFmpeg: standIn(t, kind)}})
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 20*time.Second {
				t.Errorf("after %v: %v", time.Since(begin), err)
			}
		})
	}
}

func TestIsVideo(t *testing.T) {
	for content, want := range map[string]bool{
		"\x00\x00\x00\x20ftypisom": true, "RIFF\x10\x00\x00\x00AVI LIST": true, "\x1aE\xdf\xa3...": true, "GIF89a": true, "YUV4MPEG2 W4 H2": true,
		"RIFF\x10\x00\x00\x00WEBPVP8 ": false, "\x89PNG\r\n\x1a\n": false, "\x93NUMPY": false, "1,2,3\n": false, "": false, "mdat": false,
	} {
		if got := isVideo(strings.NewReader(content), "file"); got != want {
			t.Errorf("%q: %t", content, got)
		}
	}
	for name, want := range map[string]bool{"a.mp4": true, "A.AVI": true, "a.csv": false, "mp4": false} {
		if got := isVideo(bytes.NewReader(nil), name); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
}

// A format that is given is believed, and a stream is no video.
func TestReadIsNoVideo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table.ts")
	if err := os.WriteFile(path, []byte("1,2\n3,4\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := Open(path, &OpenOptions{Format: "csv"})
	if err != nil || d.Format != "csv" {
		t.Errorf("%v, %v", d, err)
	}
	if _, err := Read(strings.NewReader("\x00\x00\x00\x20ftypisom"), "film.mp4", nil); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "Open") {
		t.Errorf("a stream: %v", err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var x tail
	for k := range 10_000 {
		fmt.Fprintf(&x, "line %d\n", k)
	}
	if got := x.String(); !strings.HasSuffix(got, "line 9999\n") || len(got) > 2*tailSize || len(got) < tailSize {
		t.Errorf("%d bytes, %q", len(got), got[len(got)-20:])
	}
}

// Whatever comes out of the pipe, reading ends with whole frames and no panic.
func FuzzPGMStream(f *testing.F) {
	f.Add([]byte("P5\n2 1\n255\nabP5\n2 1\n255\ncd"))
	f.Add([]byte("P5\n2 1\n255\nabP5\n1 2\n255\ncd"))
	f.Add([]byte("P5\n30000 30000\n255\nab"))
	f.Add([]byte("P5\n-1 1\n255\n"))
	f.Add([]byte("P5\n1\n1\n255\na"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := newSource("fuzz", &OpenOptions{MaxBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		film, err := s.pgmStream(bytes.NewReader(b))
		if len(film.greys) != film.h*film.w*film.n {
			t.Fatalf("%d frames of %d×%d pixels have %d bytes", film.n, film.h, film.w, len(film.greys))
		}
		if err == nil && film.n == 0 && len(b) > 0 {
			t.Fatalf("no frame and no error of %q", b)
		}
	})
}
