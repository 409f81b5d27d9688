using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Containers.Tests.Mp4;

namespace Vms.Containers.Tests.AtRest;

public sealed class EncryptedFragmentTests : IDisposable
{
    private const ulong KeyId = 0x1122_3344_5566_7788;

    private const int FlagsAt = 25;     // what calls itself plain is looked at by its hash

    private readonly DataKey _key = new(KeyId, RandomNumberGenerator.GetBytes(DataKey.KeyBytes));

    public void Dispose() => _key.Dispose();

    public static TheoryData<string> Footages => ["plain", "bFrames"];

    [Theory]
    [MemberData(nameof(Footages))]
    public void What_was_encrypted_comes_back_byte_for_byte_and_has_the_same_length_and_place(string footage)
    {
        var (plain, encrypted) = Record(footage);
        Assert.Equal(plain.File.Length, encrypted.Length);
        Assert.NotEqual(plain.File, encrypted);
        byte[] restored = encrypted.ToArray();
        foreach (var entry in plain.Fragments)
            Assert.Equal(Restored.Canonical, FragmentRestoration.Restore(restored.AsSpan((int)entry.Offset, entry.Length), KeyOf));
        Assert.Equal(plain.File, restored);
    }

    [Fact]
    public void Without_a_key_the_file_is_scanned_resumed_and_walked_box_by_box_as_ever()
    {
        var (plain, encrypted) = Record("plain");
        var scan = Fmp4FragmentScanner.Scan(new MemoryStream(encrypted), plain.InitBytes);
        Assert.Equal(plain.Fragments, scan.Fragments);
        Assert.Equal((encrypted.Length, 0), (scan.GoodEnd, scan.DamagedBytes));
        Assert.Equal(plain.Headers[^1], scan.Last);
        Assert.True(new Fmp4FragmentBuilder().ResumeSegment([TestFootage.Plain.Track], scan.LastHeader.Span));

        var types = new List<string>();
        int at = 0;
        while (at < encrypted.Length)
        {
            int size = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(encrypted.AsSpan(at));
            Assert.InRange(size, 8, encrypted.Length - at);
            types.Add(System.Text.Encoding.ASCII.GetString(encrypted, at + 4, 4));
            at += size;
        }

        Assert.Equal(["ftyp", "moov", "free", .. Enumerable.Repeat("uuid", 2 * plain.Fragments.Count)], types);
    }

    [Theory]
    [MemberData(nameof(Footages))]
    public void Nothing_of_the_samples_and_of_their_table_is_found_in_the_encrypted_file(string footage)
    {
        var (plain, encrypted) = Record(footage);
        var source = footage == "plain" ? TestFootage.Plain : TestFootage.WithBFrames;
        foreach (var sample in source.Samples)
        {
            for (int at = 0; at + 12 <= sample.Payload.Length; at += 12)
                Assert.True(encrypted.AsSpan().IndexOf(sample.Payload.Span.Slice(at, 12)) < 0, "12 bytes of a sample stand in the file");
        }

        Assert.True(plain.File.AsSpan().IndexOf("trun"u8) > 0);
        Assert.True(encrypted.AsSpan(plain.InitBytes).IndexOf("trun"u8) < 0);
        Assert.True(encrypted.AsSpan(plain.InitBytes).IndexOf("mdat"u8) < 0);
    }

    /// <summary>By whom, too, who knows how to make the checksums right again.</summary>
    [Fact]
    public void Every_flipped_bit_is_found_by_its_checksum_and_by_the_cipher_s_own_tag()
    {
        var (plain, encrypted) = Record("plain");
        var random = new Random(20261130);
        for (int i = 0; i < 3000; i++)
        {
            var entry = plain.Fragments[random.Next(plain.Fragments.Count)];
            byte[] fragment = encrypted[(int)entry.Offset..(int)entry.EndOffset];
            int at = random.Next(fragment.Length);
            if (at == FlagsAt) continue;
            fragment[at] ^= (byte)(1 << random.Next(8));
            Assert.Equal(Restored.Altered, FragmentRestoration.Restore(fragment, KeyOf));
            fragment = encrypted[(int)entry.Offset..(int)entry.EndOffset];
            fragment[at] ^= (byte)(1 << random.Next(8));
            Forge(fragment);
            if (FragmentHeader.TryRead(fragment, out _) && !fragment.AsSpan().SequenceEqual(encrypted.AsSpan((int)entry.Offset, entry.Length)))
                Assert.NotEqual(Restored.Canonical, FragmentRestoration.Restore(fragment, KeyOf));
        }
    }

    [Fact]
    public void Without_the_key_nothing_is_changed_and_with_another_one_it_is_not_what_was_stored()
    {
        var (plain, encrypted) = Record("plain");
        byte[] fragment = encrypted[(int)plain.Fragments[3].Offset..(int)plain.Fragments[3].EndOffset];
        byte[] before = fragment.ToArray();
        Assert.Equal(Restored.KeyMissing, FragmentRestoration.Restore(fragment, keyOf: null));
        Assert.Equal(before, fragment);
        Assert.True(EncryptedFragment.TryReadKeyId(fragment, out ulong id));
        Assert.Equal(KeyId, id);
        using var other = new DataKey(KeyId, RandomNumberGenerator.GetBytes(DataKey.KeyBytes));
        Assert.Equal(Restored.Altered, FragmentRestoration.Restore(fragment, _ => other));
    }

    [Fact]
    public void A_fragment_without_room_or_one_that_is_encrypted_already_is_refused_and_left_alone()
    {
        byte[] fragment = WithPadding(20);
        Assert.Equal(20, Padding(fragment));
        byte[] before = fragment.ToArray();
        Assert.False(EncryptedFragment.TryEncrypt(fragment, _key, new byte[DataKey.NonceBytes]));
        Assert.Equal(before, fragment);

        var (plain, encrypted) = Record("plain");
        byte[] twice = encrypted[(int)plain.Fragments[0].Offset..(int)plain.Fragments[0].EndOffset];
        Assert.False(EncryptedFragment.TryEncrypt(twice, _key, new byte[DataKey.NonceBytes]));
        Assert.Equal(encrypted[(int)plain.Fragments[0].Offset..(int)plain.Fragments[0].EndOffset], twice);
    }

    [Fact]
    public void The_chain_is_of_what_was_recorded_and_verified_with_the_key_and_without_it_nothing_is_called_good()
    {
        using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var keys = IntegrityKeys.FromPem(signing.ExportSubjectPublicKeyInfoPem());
        var builder = new Fmp4FragmentBuilder(new HeadSigner(signing)) { Reserve = EncryptedFragment.TrailerBytes };
        var plain = TestSegment.Write(TestFootage.Plain, builder: builder, signEvery: 3);
        byte[] encrypted = Encrypt(plain);

        var verdict = new ChainVerifier(keys, keyOf: KeyOf).Verify("a", new MemoryStream(encrypted));
        Assert.Empty(verdict.Findings);
        Assert.Equal((0, 0), (verdict.UnanchoredFragments, verdict.LockedFragments));
        var locked = new ChainVerifier(keys).Verify("a", new MemoryStream(encrypted));
        Assert.Empty(locked.Findings);
        Assert.Equal(plain.Fragments.Count, locked.LockedFragments);

        // Whoever has the key can encrypt something else, and nobody else's signature vouches for it.
        byte[] forged = plain.File.ToArray();
        var entry = plain.Fragments[4];
        forged[(int)entry.Offset + forged.AsSpan((int)entry.Offset).IndexOf("mdat"u8) + 40] ^= 1;
        FragmentHeader.SetForm(
            forged.AsSpan((int)entry.Offset, FragmentHeader.SizeOf(1)), StoredForm.Canonical,
            Crc32C.Of(forged.AsSpan((int)entry.Offset, entry.Length)[FragmentHeader.SizeOf(1)..]));
        Encrypt(forged, plain.Fragments);
        Assert.Contains(new ChainVerifier(keys, keyOf: KeyOf).Verify("a", new MemoryStream(forged)).Findings, f => f.Kind == FindingKind.Altered);
    }

    [Fact]
    public void A_preview_is_bound_to_its_time_and_its_key()
    {
        byte[] picture = RandomNumberGenerator.GetBytes(5000);
        byte[] stored = EncryptedPicture.Encrypt(picture, 17, _key);
        Assert.Equal(picture.Length + EncryptedPicture.AddedBytes, stored.Length);
        Assert.Equal(picture, EncryptedPicture.Decrypt(stored, 17, KeyOf));
        Assert.Null(EncryptedPicture.Decrypt(stored, 18, KeyOf));
        Assert.Null(EncryptedPicture.Decrypt(stored, 17, _ => null));
        stored[^1] ^= 1;
        Assert.Null(EncryptedPicture.Decrypt(stored, 17, KeyOf));
    }

    [Fact]
    public void Encrypting_and_decrypting_fragments_allocates_nothing()
    {
        var (plain, encrypted) = Record("plain");
        byte[] fragment = encrypted[(int)plain.Fragments[0].Offset..(int)plain.Fragments[0].EndOffset];
        byte[] nonce = new byte[DataKey.NonceBytes];
        var keyOf = KeyOf;
        // What the runtime makes once while it compiles better code falls into one round of three: two have to be without a byte.
        long[] rounds = new long[4];
        for (int i = 0; i < rounds.Length * 200; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            bool good = FragmentRestoration.Restore(fragment, keyOf) == Restored.Canonical;
            nonce[0] = (byte)i;
            nonce[1] = (byte)(i >> 8);
            good &= EncryptedFragment.TryEncrypt(fragment, _key, nonce);
            rounds[i / 200] += GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(good);
        }

        Assert.Equal(0, rounds.Skip(1).Order().ElementAt(1));
    }

    private Func<ulong, DataKey?> KeyOf => id => id == KeyId ? _key : null;

    private (TestSegment Plain, byte[] Encrypted) Record(string footage)
    {
        var plain = TestSegment.Write(
            footage == "plain" ? TestFootage.Plain : TestFootage.WithBFrames, TimeSpan.FromMilliseconds(400), new Fmp4FragmentBuilder { Reserve = EncryptedFragment.TrailerBytes });
        return (plain, Encrypt(plain));
    }

    private byte[] Encrypt(TestSegment plain)
    {
        byte[] file = plain.File.ToArray();
        Encrypt(file, plain.Fragments);
        return file;
    }

    private void Encrypt(byte[] file, IReadOnlyList<FragmentEntry> fragments)
    {
        foreach (var entry in fragments)
            Assert.True(EncryptedFragment.TryEncrypt(file.AsSpan((int)entry.Offset, entry.Length), _key, RandomNumberGenerator.GetBytes(DataKey.NonceBytes)));
    }

    /// <summary>Both checksums of the header are made to fit.</summary>
    private static void Forge(byte[] fragment)
    {
        int box = FragmentHeader.SizeOf(1);
        var form = (StoredForm)(fragment[25] & (byte)StoredForm.Encrypted);
        FragmentHeader.SetForm(fragment.AsSpan(0, box), form, Crc32C.Of(fragment.AsSpan(box)));
    }

    /// <summary>A fragment of one sample whose padding is exactly so long.</summary>
    private static byte[] WithPadding(int padding)
    {
        byte[] first = One(1000);
        return One(1000 + Padding(first) - padding);

        static byte[] One(int bytes)
        {
            var builder = new Fmp4FragmentBuilder();
            builder.BeginSegment([new TrackInfo(0, CodecKind.Mjpeg, 90_000, default, 64, 48)], 1, epoch: 7);
            builder.AddSample(new SampleHeader(0, SampleFlags.Keyframe, GapCause.None, 1, 0, TestFootage.FirstCaptureUs), 1, Enumerable.Repeat((byte)7, bytes).ToArray());
            return builder.Finish(out _).ToArray();
        }
    }

    private static int Padding(byte[] fragment)
    {
        int at = fragment.AsSpan().LastIndexOf("free"u8);
        return at > 0 && fragment.AsSpan(at + 4).IndexOfAnyExcept((byte)0) < 0 ? fragment.Length - at + 4 : 0;
    }
}
