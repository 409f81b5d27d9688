using System.Buffers.Text;
using System.Text;
using Microsoft.Extensions.Configuration;
using Vms.Control.Auth;
using Vms.Hosting;
using Vms.Testing;

namespace Vms.Control.Tests.Auth;

public sealed class AccessTokensTests : IDisposable
{
    private static readonly SignedIn s_user = new(Guid.NewGuid(), "Änne", Role.Operator, Guid.NewGuid());

    private readonly TestDirectory _directory = new();
    private readonly SteppedTime _time = new();
    private readonly AccessTokens _tokens;

    public AccessTokensTests() => _tokens = New(_directory.Path);

    [Fact]
    public void A_token_says_who_it_speaks_for_until_it_expires()
    {
        var token = _tokens.Issue(s_user);
        Assert.True(_tokens.TryRead(token, out var user, out _));
        Assert.Equal(s_user, user);
        _time.Advance(AccessTokens.Lifetime - TimeSpan.FromSeconds(2));
        Assert.True(_tokens.TryRead(token, out _, out _));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.False(_tokens.TryRead(token, out _, out var expired));
        Assert.True(expired);
    }

    [Fact]
    public void A_restart_keeps_tokens_and_another_installation_knows_them_not()
    {
        var token = _tokens.Issue(s_user);
        using var same = New(_directory.Path);
        Assert.True(same.TryRead(token, out _, out _));
        using var elsewhere = new TestDirectory();
        using var other = New(elsewhere.Path);
        Assert.False(other.TryRead(token, out _, out _));
    }

    [Fact]
    public void No_altered_token_counts()
    {
        var token = _tokens.Issue(s_user);
        var parts = token.Split('.');
        var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        var asAdmin = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload.Replace("operator", "admin", StringComparison.Ordinal)));
        var none = Base64Url.EncodeToString("""{"alg":"none","typ":"at+jwt"}"""u8);
        var hs256 = Base64Url.EncodeToString("""{"alg":"HS256","typ":"at+jwt"}"""u8);
        foreach (var forged in new[]
        {
            "", ".", "..", "a.b.c", token[..^1], token + "A", token + ".", parts[0] + "." + parts[1], parts[0] + "." + parts[1] + ".",
            $"{parts[0]}.{asAdmin}.{parts[2]}", $"{none}.{parts[1]}.", $"{none}.{parts[1]}.{parts[2]}", $"{hs256}.{parts[1]}.{parts[2]}",
            $"{parts[0]}.{parts[1]}.!!!!", $"{parts[0]}..{parts[2]}", new string('A', 10_000), parts[0] + "." + new string('A', 4000) + "." + parts[2],
        })
        {
            Assert.False(_tokens.TryRead(forged, out _, out _), forged);
        }
    }

    public void Dispose()
    {
        _tokens.Dispose();
        _directory.Dispose();
    }

    private AccessTokens New(string data)
    {
        var options = PlaneOptions.From(new ConfigurationBuilder().AddInMemoryCollection([new("VMS_DATA", data)]).Build());
        return new AccessTokens(options, NodeKey.LoadOrCreate(options), _time);
    }

    private sealed class SteppedTime : TimeProvider
    {
        private DateTimeOffset _now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => _now;

        public void Advance(TimeSpan by) => _now += by;
    }
}
