;; A guest that does what it is told: the first letter of the directory's name is the deed, the rest the
;; path. It answers with a fault whose message is "=" and what it read, or "!" and a letter: `A` plus the
;; number of the error code of wasi:filesystem/types.
(module
  (import "wasi:filesystem/preopens@0.2.12" "get-directories" (func $directories (param i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.open-at"
    (func $open_at (param i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.read"
    (func $read (param i32 i64 i64 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.write"
    (func $write (param i32 i32 i32 i64 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.set-size"
    (func $set_size (param i32 i64 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.create-directory-at"
    (func $create_directory_at (param i32 i32 i32 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.unlink-file-at"
    (func $unlink_file_at (param i32 i32 i32 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.rename-at"
    (func $rename_at (param i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.symlink-at"
    (func $symlink_at (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:filesystem/types@0.2.12" "[method]descriptor.link-at"
    (func $link_at (param i32 i32 i32 i32 i32 i32 i32 i32)))

  (memory (export "memory") 4)
  (data (i32.const 512) "made")
  (global $heap (mut i32) (i32.const 65536))
  (global $root (mut i32) (i32.const 0))

  (func (export "cabi_realloc") (param i32 i32 i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $heap) (i32.const 7)) (i32.const -8)))
    (global.set $heap (i32.add (local.get $at) (local.get $size)))
    (local.get $at))

  ;; The answer at 3072: an error without a place, its message at $at.
  (func $answer (param $at i32) (param $length i32) (result i32)
    (i32.store8 (i32.const 3072) (i32.const 1))
    (i32.store8 (i32.const 3076) (i32.const 0))
    (i32.store8 (i32.const 3080) (i32.const 0)) ;; no sub-code
    (i32.store (i32.const 3092) (local.get $at))
    (i32.store (i32.const 3096) (local.get $length))
    (i32.store8 (i32.const 3100) (i32.const 0))
    (i32.const 3072))

  (func $answer_code (result i32)
    (i32.store8 (i32.const 2048) (i32.const 33)) ;; !
    (i32.store8 (i32.const 2049) (i32.add (i32.const 65) (i32.load8_u (i32.const 1028))))
    (call $answer (i32.const 2048) (i32.const 2)))

  ;; The answer to a deed whose result stands at 1024 and whose error code would stand at 1025.
  (func $answer_deed (result i32)
    (if (result i32) (i32.eqz (i32.load8_u (i32.const 1024)))
      (then
        (i32.store8 (i32.const 2048) (i32.const 61)) ;; =
        (call $answer (i32.const 2048) (i32.const 1)))
      (else
        (i32.store8 (i32.const 1028) (i32.load8_u (i32.const 1025)))
        (call $answer_code))))

  ;; Opens and leaves result and handle at 1024 and 1028.
  (func $open (param $path i32) (param $length i32) (param $follow i32) (param $create i32) (param $rights i32)
    (call $open_at (global.get $root) (local.get $follow) (local.get $path) (local.get $length)
      (local.get $create) (local.get $rights) (i32.const 1024)))

  (func $read_path (param $path i32) (param $length i32) (param $follow i32) (result i32)
    (local $at i32)
    (call $open (local.get $path) (local.get $length) (local.get $follow) (i32.const 0) (i32.const 1))
    (if (i32.load8_u (i32.const 1024)) (then (return (call $answer_code))))
    (call $read (i32.load (i32.const 1028)) (i64.const 64) (i64.const 0) (i32.const 1024))
    (if (i32.load8_u (i32.const 1024)) (then (return (call $answer_code))))
    ;; The bytes were put at least 8 behind the last ones, so there is room for the sign.
    (local.set $at (i32.sub (i32.load (i32.const 1028)) (i32.const 1)))
    (i32.store8 (local.get $at) (i32.const 61))
    (call $answer (local.get $at) (i32.add (i32.load (i32.const 1032)) (i32.const 1))))

  (func (export "perfbridge:bridge/ingest@0.2.0#read-bundle") (param $args i32) (result i32)
    (local $deed i32) (local $path i32) (local $length i32)
    (local.set $deed (i32.load8_u (i32.load (local.get $args))))
    (local.set $path (i32.add (i32.load (local.get $args)) (i32.const 1)))
    (local.set $length (i32.sub (i32.load offset=4 (local.get $args)) (i32.const 1)))
    (if (i32.eq (local.get $deed) (i32.const 76)) ;; L: loop for ever
      (then (loop $again (br $again))))
    (if (i32.eq (local.get $deed) (i32.const 77)) ;; M: grow for ever
      (then (loop $again (br_if $again (i32.ne (memory.grow (i32.const 256)) (i32.const -1))))))
    (call $directories (i32.const 1024))
    (global.set $root (i32.load (i32.load (i32.const 1024))))
    (if (i32.eq (local.get $deed) (i32.const 114)) ;; r: read
      (then (return (call $read_path (local.get $path) (local.get $length) (i32.const 0)))))
    (if (i32.eq (local.get $deed) (i32.const 82)) ;; R: read, following links
      (then (return (call $read_path (local.get $path) (local.get $length) (i32.const 1)))))
    (if (i32.eq (local.get $deed) (i32.const 119)) ;; w: open for writing
      (then
        (call $open (local.get $path) (local.get $length) (i32.const 0) (i32.const 0) (i32.const 3))
        (if (i32.load8_u (i32.const 1024)) (then (return (call $answer_code))))
        (call $write (i32.load (i32.const 1028)) (i32.const 512) (i32.const 4) (i64.const 0) (i32.const 1024))
        (return (call $answer_deed))))
    (if (i32.eq (local.get $deed) (i32.const 116)) ;; t: write to what was opened for reading
      (then
        (call $open (local.get $path) (local.get $length) (i32.const 0) (i32.const 0) (i32.const 1))
        (if (i32.load8_u (i32.const 1024)) (then (return (call $answer_code))))
        (call $write (i32.load (i32.const 1028)) (i32.const 512) (i32.const 4) (i64.const 0) (i32.const 1024))
        (return (call $answer_deed_wide))))
    (if (i32.eq (local.get $deed) (i32.const 115)) ;; s: cut what was opened for reading
      (then
        (call $open (local.get $path) (local.get $length) (i32.const 0) (i32.const 0) (i32.const 1))
        (if (i32.load8_u (i32.const 1024)) (then (return (call $answer_code))))
        (call $set_size (i32.load (i32.const 1028)) (i64.const 0) (i32.const 1024))
        (return (call $answer_deed))))
    (if (i32.eq (local.get $deed) (i32.const 99)) ;; c: create
      (then
        (call $open (local.get $path) (local.get $length) (i32.const 0) (i32.const 1) (i32.const 3))
        (if (i32.load8_u (i32.const 1024)) (then (return (call $answer_code))))
        (return (call $answer_deed))))
    (if (i32.eq (local.get $deed) (i32.const 100)) ;; d: make a directory
      (then
        (call $create_directory_at (global.get $root) (local.get $path) (local.get $length) (i32.const 1024))
        (return (call $answer_deed))))
    (if (i32.eq (local.get $deed) (i32.const 117)) ;; u: unlink
      (then
        (call $unlink_file_at (global.get $root) (local.get $path) (local.get $length) (i32.const 1024))
        (return (call $answer_deed))))
    (if (i32.eq (local.get $deed) (i32.const 109)) ;; m: move
      (then
        (call $rename_at (global.get $root) (local.get $path) (local.get $length)
          (global.get $root) (i32.const 512) (i32.const 4) (i32.const 1024))
        (return (call $answer_deed))))
    (if (i32.eq (local.get $deed) (i32.const 108)) ;; l: make a symbolic link
      (then
        (call $symlink_at (global.get $root) (local.get $path) (local.get $length)
          (i32.const 512) (i32.const 4) (i32.const 1024))
        (return (call $answer_deed))))
    (if (i32.eq (local.get $deed) (i32.const 104)) ;; h: make a hard link
      (then
        (call $link_at (global.get $root) (i32.const 0) (local.get $path) (local.get $length)
          (global.get $root) (i32.const 512) (i32.const 4) (i32.const 1024))
        (return (call $answer_deed))))
    (unreachable))

  ;; As $answer_deed, for a result whose value is a u64 and whose error code so stands at 1032.
  (func $answer_deed_wide (result i32)
    (if (result i32) (i32.eqz (i32.load8_u (i32.const 1024)))
      (then
        (i32.store8 (i32.const 2048) (i32.const 61))
        (call $answer (i32.const 2048) (i32.const 1)))
      (else
        (i32.store8 (i32.const 1028) (i32.load8_u (i32.const 1032)))
        (call $answer_code))))

  (func (export "perfbridge:bridge/ingest@0.2.0#find-runs") (param i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#formats") (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#profile-beside") (param i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#read-document") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#check-document") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#pair-evals") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#merge-trials") (param i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#read-unhashed") (param i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#[method]unhashed.document") (param i32 i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/ingest@0.2.0#outline") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/judge@0.2.0#forms") (result i32) (unreachable))
  (func (export "perfbridge:bridge/judge@0.2.0#judge")
    (param i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/judge@0.2.0#calibrate") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/judge@0.2.0#history")
    (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/judge@0.2.0#sweep") (param i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/judge@0.2.0#plan-trials") (param i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/judge@0.2.0#take-over") (param i32 i32 i32 i32) (result i32) (unreachable))
  (func (export "perfbridge:bridge/judge@0.2.0#check-policy")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f64) (result i32) (unreachable))
  (func (export "judge-directories")
    (param i32) (result i32) (unreachable)))
