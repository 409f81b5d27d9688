using System.Security.Cryptography;
using Vms.Containers.Integrity;

namespace Vms.Containers.Tests.Integrity;

public sealed class AnchorRecordTests
{
    private static readonly DateTimeOffset s_at = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_reads_back_what_was_signed_and_nothing_that_was_changed_since()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var keys = IntegrityKeys.FromPem(key.ExportSubjectPublicKeyInfoPem());
        var head = new StreamHead("cam1", "main", Guid.NewGuid(), 12, s_at.AddMinutes(-1), new string('a', 64));
        string jws = new AnchorRecord(s_at, "vms 1.2.3", [head]).Sign(new HeadSigner(key));
        var read = AnchorRecord.Read(jws + "\n", keys);
        Assert.Equal((s_at, "vms 1.2.3", head), (read.At, read.Software, Assert.Single(read.Heads)));

        for (int i = 0; i < jws.Length; i++)
        {
            string changed = jws[..i] + (jws[i] == 'A' ? 'B' : 'A') + jws[(i + 1)..];
            Assert.Throws<FormatException>(() => AnchorRecord.Read(changed, keys));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a.b")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.AAAA")]
    public void What_is_no_record_is_refused_with_a_reason(string text)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var keys = IntegrityKeys.FromPem(key.ExportSubjectPublicKeyInfoPem());
        Assert.NotEmpty(Assert.Throws<FormatException>(() => AnchorRecord.Read(text, keys)).Message);
    }
}
