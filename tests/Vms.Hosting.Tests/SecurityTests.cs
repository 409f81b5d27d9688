using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Vms.Testing;

namespace Vms.Hosting.Tests;

public sealed class SecurityTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly PlaneOptions _options;

    public SecurityTests() => _options = PlaneOptions.From(
        new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", _directory["data"])]).Build());

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_ticket_opens_its_cameras_for_its_purpose_until_it_expires()
    {
        using var signer = TicketSigner.LoadOrCreate(_options);
        using var verifier = new TicketVerifier(_options, _time);
        var text = signer.Sign(new Ticket(TicketKind.Live, "ada", ["c1"], _time.GetUtcNow().AddMinutes(1)));

        Assert.True(verifier.TryVerify(text, TicketKind.Live, "c1", out var ticket));
        Assert.Equal("ada", ticket.User);
        Assert.False(verifier.TryVerify(text, TicketKind.Live, "c2", out _));
        Assert.False(verifier.TryVerify(text, TicketKind.Playback, "c1", out _));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.False(verifier.TryVerify(text, TicketKind.Live, "c1", out _));
    }

    [Fact]
    public void A_ticket_with_any_byte_changed_opens_nothing()
    {
        using var signer = TicketSigner.LoadOrCreate(_options);
        using var verifier = new TicketVerifier(_options, _time);
        var text = signer.Sign(new Ticket(TicketKind.Live, "ada", null, _time.GetUtcNow().AddMinutes(1)));
        for (var i = 0; i < text.Length; i++)
        {
            var changed = text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..];
            // The last character of a base64url block carries unused bits: the same bytes may come out.
            if (i != text.Length - 1 && i != text.IndexOf('.', StringComparison.Ordinal) - 1)
                Assert.False(verifier.TryVerify(changed, TicketKind.Live, "c1", out _), $"changed at {i}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("abc")]
    [InlineData("e30.e30")]
    [InlineData("%%%.%%%")]
    public void Garbage_is_no_ticket(string text)
    {
        using var signer = TicketSigner.LoadOrCreate(_options);
        using var verifier = new TicketVerifier(_options, _time);
        Assert.False(verifier.TryVerify(text, TicketKind.Live, null, out _));
    }

    [Fact]
    public void Without_controls_public_key_nothing_opens()
    {
        using var verifier = new TicketVerifier(_options, _time);
        Assert.False(verifier.TryVerify("e30.e30", TicketKind.Live, null, out _));
    }

    [Fact]
    public void What_the_node_key_protects_comes_back_and_cannot_be_altered()
    {
        var key = NodeKey.LoadOrCreate(_options);
        var cipher = key.Protect("pässword"u8);
        Assert.Equal("pässword"u8.ToArray(), NodeKey.LoadOrCreate(_options).Unprotect(cipher));
        cipher[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => key.Unprotect(cipher));
    }

    [Fact]
    public void The_same_text_is_never_encrypted_the_same_way()
    {
        var key = NodeKey.LoadOrCreate(_options);
        Assert.NotEqual(key.Protect("x"), key.Protect("x"));
    }

    [Fact]
    public void Keys_are_readable_by_their_owner_alone()
    {
        NodeKey.LoadOrCreate(_options);
        using var signer = TicketSigner.LoadOrCreate(_options);
        foreach (var file in Directory.GetFiles(_options.KeysDirectory))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public void Desired_state_survives_and_an_unreadable_file_is_set_aside()
    {
        var key = NodeKey.LoadOrCreate(_options);
        DesiredStateStore<string> Store() => new(_options, key, "test", System.Text.Encoding.UTF8.GetBytes, System.Text.Encoding.UTF8.GetString);
        Assert.Null(Store().Load(out _));
        Store().Save("state with a password");
        Assert.Equal("state with a password", Store().Load(out _));

        var file = Path.Combine(_options.StateDirectory, "test.state");
        Assert.DoesNotContain("password", File.ReadAllText(file), StringComparison.Ordinal);
        File.WriteAllBytes(file, [1, 2, 3]);
        Assert.Null(Store().Load(out var unreadable));
        Assert.True(File.Exists(unreadable));
    }

    [Fact]
    public void A_lock_is_held_once_and_free_again_when_let_go()
    {
        using (var first = ExclusiveLock.TryTake(_directory.Path, "media"))
        {
            Assert.NotNull(first);
            Assert.Null(ExclusiveLock.TryTake(_directory.Path, "media"));
        }

        using var again = ExclusiveLock.TryTake(_directory.Path, "media");
        Assert.NotNull(again);
    }
}
