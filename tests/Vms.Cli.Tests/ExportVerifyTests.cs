using System.Buffers.Binary;
using System.Security.Cryptography;
using Vms.Cli.Verification;
using Vms.Codecs;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Containers.Zip;
using Vms.Testing;

namespace Vms.Cli.Tests;

/// <summary><c>vms verify</c> over an export as the recorder makes it: ten seconds, signed in the first and, two fragments behind its end, by the tail.</summary>
public sealed class ExportVerifyTests : IDisposable
{
    private const string Movie = "Gate_2026-11-21T09-30-00Z.mp4";
    private const int Seconds = 10;
    private static readonly DateTimeOffset s_start = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);
    private static readonly TrackInfo s_track = new(0, CodecKind.Mjpeg, 90_000, default, 64, 48);

    private readonly TestDirectory _directory = new();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly IntegrityKeys _keys;
    private readonly StringWriter _output = new();
    private readonly string _folder;

    public ExportVerifyTests()
    {
        _keys = IntegrityKeys.FromPem(_key.ExportSubjectPublicKeyInfoPem());
        _folder = _directory.Create("export");
        Export();
    }

    private string Said => _output.ToString();

    public void Dispose()
    {
        _keys.Dispose();
        _key.Dispose();
        _output.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void An_untouched_export_is_good_as_a_folder_as_its_manifest_and_as_a_ZIP()
    {
        Assert.Equal(0, Verify(_folder));
        Assert.Contains("made by anna", Said, StringComparison.Ordinal);
        Assert.Contains($"{Movie}: Gate, 2026-11-21 09:30:00.000 UTC to 2026-11-21 09:30:10.000 UTC: good", Said, StringComparison.Ordinal);
        Assert.Equal(0, Verify(Path.Combine(_folder, "manifest.json")));
        Assert.Equal(0, Verify(Zip()));
        Assert.Null(ExportedFiles.At(_directory.Path));
    }

    [Fact]
    public void An_altered_picture_is_named_with_its_second()
    {
        byte[] movie = File.ReadAllBytes(PathOf(Movie));
        int at = movie.AsSpan().IndexOf((ReadOnlySpan<byte>)[6, 106, 206]);
        movie[at] ^= 1;
        File.WriteAllBytes(PathOf(Movie), movie);
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("2026-11-21 09:30:06.000 UTC: altered", Said, StringComparison.Ordinal);
        Assert.Contains("NOT what was exported", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_500_flipped_bytes_and_cuts_in_any_file_every_one_is_found()
    {
        var random = new Random(20261130);
        string[] names = [Movie, Movie, Movie, "manifest.json", "manifest.sig", "verify.html"];
        for (int i = 0; i < 500; i++)
        {
            string path = PathOf(names[random.Next(names.Length)]);
            byte[] good = File.ReadAllBytes(path);
            byte[] bad = [.. good];
            int at = random.Next(good.Length);
            bad[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, i % 10 == 0 ? good[..at] : bad);
            int code;
            try
            {
                code = Verify(_folder);
            }
            catch (InvalidDataException)
            {
                code = 1;
            }

            Assert.True(code == 1 || (path.EndsWith(".sig", StringComparison.Ordinal) && at >= good.Length - 1), $"not found: {Path.GetFileName(path)} at {at}");
            File.WriteAllBytes(path, good);
        }
    }

    [Theory]
    [InlineData("", "converted to mkv when it was exported")]
    [InlineData("hidden areas: 2", "altered on purpose when it was exported: hidden areas: 2")]
    public void A_converted_file_is_at_best_what_was_exported_and_says_what_was_done_to_it(string altered, string said)
    {
        Add("Gate.mkv", new ExportedConversion("mkv", altered.Length > 0 ? [altered] : []));
        Assert.Equal(2, Verify(_folder));
        Assert.Contains("Gate.mkv: Gate, 2026-11-21 09:30:00.000 UTC to 2026-11-21 09:30:10.000 UTC: it is what was exported", Said, StringComparison.Ordinal);
        Assert.Contains(said, Said, StringComparison.Ordinal);
        Assert.Contains("all of it is what was exported; for what was converted it cannot be said that it is what was recorded", Said, StringComparison.Ordinal);
        Assert.DoesNotContain("good: all", Said, StringComparison.Ordinal);

        byte[] bytes = File.ReadAllBytes(PathOf("Gate.mkv"));
        bytes[5] ^= 1;
        File.WriteAllBytes(PathOf("Gate.mkv"), bytes);
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("it cannot be said which seconds differ", Said, StringComparison.Ordinal);
        File.Delete(PathOf("Gate.mkv"));
        Assert.Equal(1, Verify(_folder));
    }

    [Fact]
    public void A_file_without_parts_that_does_not_say_it_was_converted_is_no_export()
    {
        Add("Gate.mkv", null);
        Assert.Throws<InvalidDataException>(() => Verify(_folder));
    }

    [Fact]
    public void A_file_that_is_missing_or_does_not_belong_to_it_is_found()
    {
        File.Copy(PathOf(Movie), PathOf("Other.mp4"));
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("inserted: Other.mp4", Said, StringComparison.Ordinal);
        File.Move(PathOf(Movie), PathOf("Other.mp4"), overwrite: true);
        Assert.Equal(1, Verify(_folder));
        Assert.Contains($"{Movie}: missing", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void With_the_key_in_the_export_alone_nothing_is_called_good_and_another_key_is_named()
    {
        Assert.Equal(2, new ExportVerification(null, _output).Run(ExportedFiles.At(_folder)!));
        Assert.Contains("The key in the export itself is taken", Said, StringComparison.Ordinal);
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var keys = IntegrityKeys.FromPem(strange.ExportSubjectPublicKeyInfoPem());
        Assert.Equal(1, new ExportVerification(keys, _output).Run(ExportedFiles.At(_folder)!));
        Assert.Contains("unknown key: manifest.json", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forger_who_makes_all_hashes_anew_cannot_sign_the_manifest()
    {
        byte[] movie = File.ReadAllBytes(PathOf(Movie));
        movie[movie.AsSpan().IndexOf((ReadOnlySpan<byte>)[6, 106, 206])] ^= 1;
        string manifest = File.ReadAllText(PathOf("manifest.json")).Replace(HashOf(File.ReadAllBytes(PathOf(Movie))), HashOf(movie), StringComparison.Ordinal);
        File.WriteAllBytes(PathOf(Movie), movie);
        File.WriteAllText(PathOf("manifest.json"), manifest);
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("altered: manifest.json is not what was signed", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_number_that_is_told_is_that_of_the_key_that_signed_and_no_other_may_stand_in_the_manifest()
    {
        using var strange = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string own = Convert.ToHexStringLower(IntegrityKeys.IdOf(_key));
        string his = Convert.ToHexStringLower(IntegrityKeys.IdOf(strange));
        Resign(strange, m => m with { PublicKey = strange.ExportSubjectPublicKeyInfoPem() + "\n" + m.PublicKey });
        Assert.Equal(1, new ExportVerification(null, _output).Run(ExportedFiles.At(_folder)!));
        Assert.Contains($"altered: manifest.json names another key than {his}, which signed it", Said, StringComparison.Ordinal);
        Assert.DoesNotContain(own, Said, StringComparison.Ordinal);
        Resign(strange, m => m with { KeyId = his });
        Assert.Equal(2, new ExportVerification(null, _output).Run(ExportedFiles.At(_folder)!));
        Assert.Contains($"The key in the export itself is taken ({his})", Said, StringComparison.Ordinal);
        Assert.DoesNotContain(own, Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Other.MP4")]
    [InlineData("readme.txt")]
    [InlineData("integrity.pub")]
    [InlineData("sub/Gate_2026-11-21T09-30-00Z.mp4")]
    public void Every_file_that_is_not_in_the_manifest_is_named(string name)
    {
        string zip = Zip(name);
        Assert.Equal(1, Verify(zip));
        Assert.Contains($"inserted: {name} does not belong", Said, StringComparison.Ordinal);
        _output.GetStringBuilder().Clear();
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
        File.Copy(PathOf(Movie), PathOf(name));
        Assert.Equal(1, Verify(_folder));
        Assert.Contains($"inserted: {name} does not belong", Said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gate_2026-11-21T09-30-00Z.mp4")]
    [InlineData("gate_2026-11-21t09-30-00z.MP4")]
    [InlineData("Manifest.json")]
    public void A_ZIP_with_two_files_of_one_name_is_refused(string name) =>
        Assert.Contains("is in it twice", Assert.Throws<InvalidDataException>(() => Verify(Zip(name))).Message, StringComparison.Ordinal);

    [Fact]
    public void What_somebody_wrote_into_the_manifest_cannot_write_over_the_verdict()
    {
        Resign(_key, m => m with
        {
            ExportedBy = "an\u001b[2J\u009b1A\r\nna \u202Egood",
            Id = "e\u20281\u2066",
            Cameras = [.. m.Cameras.Select(c => c with { Name = "G\u0007\u001b[8mate\u200F" })],
        });
        Assert.Equal(0, Verify(_folder));
        Assert.Contains("made by an[2J1Ana good at", Said, StringComparison.Ordinal);
        Assert.DoesNotContain(Said.ReplaceLineEndings(""), c => char.IsControl(c) || c is '\u202E' or '\u2028' or '\u2066' or '\u200F');
        Assert.Equal(4, Said.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void Seconds_of_the_forger_s_own_that_the_next_fragment_claims_to_follow_are_vouched_for_by_nobody()
    {
        byte[] movie = File.ReadAllBytes(PathOf(Movie));
        var fragments = FragmentsOf(movie);
        movie.AsSpan(fragments[3].Start, fragments[3].Length)[^1] ^= 1;
        File.WriteAllBytes(PathOf(Movie), movie);
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("2026-11-21 09:30:01.000 UTC: unvouched: 2 fragments from here", Said, StringComparison.Ordinal);
        Assert.Contains("2026-11-21 09:30:03.000 UTC: altered", Said, StringComparison.Ordinal);
    }

    [Fact]
    public void Fragments_without_hashes_are_altered_where_the_export_had_some_and_are_never_called_good()
    {
        byte[] movie = File.ReadAllBytes(PathOf(Movie));
        foreach (var (start, length) in FragmentsOf(movie)) Unhash(movie.AsSpan(start, length));
        File.WriteAllBytes(PathOf(Movie), movie);
        Resign(_key, m => WithFile(m, f => f with { Sha256 = HashOf(movie) }));
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("10 fragments have no hash, and what was exported has", Said, StringComparison.Ordinal);
        Resign(_key, m => WithFile(m, f => f with { Chain = "", Previous = "", Tail = null }));
        Assert.Equal(2, Verify(_folder));
        Assert.Contains("it was recorded before there were hashes", Said, StringComparison.Ordinal);
        Resign(_key, m => WithFile(m, f => f with { Sha256 = new string('0', 64) }));
        Assert.Equal(1, Verify(_folder));
        Assert.Contains("fragments without hashes cannot say where", Said, StringComparison.Ordinal);
    }

    private static ExportManifest WithFile(ExportManifest manifest, Func<ExportedFile, ExportedFile> change) =>
        manifest with { Cameras = [manifest.Cameras[0] with { Files = [change(manifest.Cameras[0].Files[0])] }] };

    /// <summary>As whoever has this key can.</summary>
    private void Resign(ECDsa key, Func<ExportManifest, ExportManifest> change)
    {
        byte[] manifest = change(ExportManifest.Read(File.ReadAllBytes(PathOf("manifest.json")))).ToBytes();
        File.WriteAllBytes(PathOf("manifest.json"), manifest);
        File.WriteAllText(PathOf("manifest.sig"), ExportManifest.Sign(manifest, new HeadSigner(key)));
    }

    private static List<(int Start, int Length)> FragmentsOf(byte[] movie)
    {
        var found = new List<(int Start, int Length)>();
        for (int at = 0; at < movie.Length;)
        {
            bool is1 = FragmentHeader.TryRead(movie.AsSpan(at), out var header);
            if (is1) found.Add((at, header.Length));
            at += is1 ? header.Length : 1;
        }

        return found;
    }

    /// <summary>As it was before there were hashes; of the same length.</summary>
    private static void Unhash(Span<byte> fragment)
    {
        const int link = (2 * ChainLink.HashBytes) + ChainLink.KeyIdBytes + ChainLink.SignatureBytes;
        int box = FragmentHeader.SizeAt(fragment) - link;
        byte[] content = fragment[(box + link)..].ToArray();
        content.CopyTo(fragment[box..]);
        Span<byte> free = fragment[^link..];
        free.Clear();
        BinaryPrimitives.WriteInt32BigEndian(free, link);
        "free"u8.CopyTo(free[4..]);
        BinaryPrimitives.WriteInt32BigEndian(fragment, box);
        fragment[24] = 1;
        fragment[25] &= 1;
        BinaryPrimitives.WriteUInt32BigEndian(fragment[96..], Crc32C.Of(fragment[box..]));
        BinaryPrimitives.WriteUInt32BigEndian(fragment[(box - 4)..], Crc32C.Of(fragment[..(box - 4)]));
    }

    private int Verify(string path) => new ExportVerification(_keys, _output).Run(ExportedFiles.At(path)!);

    /// <summary>Puts a file without parts into the export, and signs it again.</summary>
    private void Add(string name, ExportedConversion? conversion)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(100);
        File.WriteAllBytes(PathOf(name), bytes);
        var read = ExportManifest.Read(File.ReadAllBytes(PathOf("manifest.json")));
        var more = new ExportedFile(name, bytes.Length, HashOf(bytes), s_start, s_start.AddSeconds(Seconds), 0, 0, "", [], "", "", null, conversion);
        byte[] manifest = (read with { Cameras = [read.Cameras[0] with { Files = [.. read.Cameras[0].Files, more] }] }).ToBytes();
        File.WriteAllBytes(PathOf("manifest.json"), manifest);
        File.WriteAllText(PathOf("manifest.sig"), ExportManifest.Sign(manifest, new HeadSigner(_key)));
    }

    private string PathOf(string name) => Path.Combine(_folder, name);

    private void Export()
    {
        var signer = new HeadSigner(_key);
        var builder = new Fmp4FragmentBuilder(signer);
        var segment = Guid.CreateVersion7(s_start);
        var label = new SegmentLabel("Gate", "cam1", "main", "site", segment, s_start, "vms");
        byte[] init = Fmp4Writer.StoredInit([s_track], label);
        builder.BeginSegment([s_track], 1, epoch: 7, init);
        var fragments = new List<byte[]>();
        for (int second = 0; second < Seconds + 2; second++)
        {
            builder.AddSample(Sample(second), second, [(byte)second, (byte)(100 + second), (byte)(200 + second), 1, 2, 3, 4, 5, 6, 7, 8]);
            fragments.Add(builder.Finish(Sample(second + 1), out _, sign: second is 0 or Seconds + 1).ToArray());
        }

        byte[] media = [.. init, .. fragments.Take(Seconds).SelectMany(f => f)];
        var movie = new ExportedMovie([s_track], label);
        long at = ExportedMovie.HeadBytes + init.Length;
        foreach (byte[] fragment in fragments.Take(Seconds))
        {
            Assert.True(movie.TryAdd(fragment, at, 0));
            at += fragment.Length;
        }

        byte[] head = ExportedMovie.Head(media.Length);
        byte[] tables = movie.Movie(0, Seconds * 90_000);
        byte[] file = [.. head, .. media, .. tables];
        byte[] page = "<!doctype html>"u8.ToArray();
        var exported = new ExportedFile(
            Movie, file.Length, HashOf(file), s_start, s_start.AddSeconds(Seconds), head.Length, media.Length, HashOf([.. head, .. tables]),
            [new ExportedPart(segment, head.Length, media.Length, Seconds)], new string('0', 64), Convert.ToHexStringLower(FragmentHeader.ChainAt(fragments[Seconds - 1])),
            TailOf(init, fragments));
        byte[] manifest = new ExportManifest(
            ExportManifest.FormatName, "e1", "vms 1.2.3", s_start.AddDays(1), "anna", "case 17", s_start, s_start.AddSeconds(Seconds), Convert.ToHexStringLower(signer.KeyId),
            _key.ExportSubjectPublicKeyInfoPem(), [new ExportedCamera("cam1", "Gate", "site", "main", [], [exported])],
            [new ExportedAttachment("verify.html", page.Length, HashOf(page))]).ToBytes();
        File.WriteAllBytes(PathOf(Movie), file);
        File.WriteAllBytes(PathOf("verify.html"), page);
        File.WriteAllBytes(PathOf("manifest.json"), manifest);
        File.WriteAllText(PathOf("manifest.sig"), ExportManifest.Sign(manifest, signer));
    }

    private static ChainTail TailOf(byte[] init, List<byte[]> fragments)
    {
        var digests = new List<string>();
        foreach (byte[] fragment in fragments.Skip(Seconds))
        {
            byte[] digest = new byte[32];
            FragmentHeader.TryRead(fragment, out var header);
            Assert.True(new FragmentDigest().TryCompute(header, SHA256.HashData(init), fragment.AsSpan(FragmentHeader.SizeAt(fragment)), digest));
            digests.Add(Convert.ToHexStringLower(digest));
        }

        FragmentHeader.TryReadLink(fragments[^1], out var link);
        return new ChainTail(digests, Convert.ToHexStringLower(link.KeyId), Convert.ToHexStringLower(link.Signature));
    }

    /// <param name="more">Names under which the movie is in it, too.</param>
    private string Zip(params string[] more)
    {
        string path = _directory["export.zip"];
        using var zip = File.Create(path);
        var entries = new List<ZipEntry>();
        var offsets = new List<long>();
        foreach (string name in Directory.GetFiles(_folder).Select(f => Path.GetFileName(f)).Concat(more).ToList())
        {
            byte[] content = File.ReadAllBytes(PathOf(more.Contains(name) ? Movie : name));
            entries.Add(new ZipEntry(name, content.Length, Crc32.Append(0, content), s_start));
            offsets.Add(zip.Position);
            zip.Write(ZipDirectory.LocalHeader(entries[^1]));
            zip.Write(content);
        }

        zip.Write(ZipDirectory.Directory(entries, offsets, zip.Position));
        return path;
    }

    private static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static SampleHeader Sample(int second) =>
        new(0, SampleFlags.Keyframe, GapCause.None, 1, second * 90_000L, s_start.AddSeconds(second).ToUnixTimeMilliseconds() * 1000);
}
