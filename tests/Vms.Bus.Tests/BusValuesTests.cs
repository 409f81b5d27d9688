using System.Text;
using Vms.Bus.Wire;

namespace Vms.Bus.Tests;

/// <summary>Headers, subjects, URLs, reply subjects: small values that come from people or from the network.</summary>
public sealed class BusValuesTests
{
    [Fact]
    public void Headers_survive_the_wire()
    {
        var headers = new BusHeaders { { "Nats-Msg-Id", "a:b c" }, { "x", "" }, { "x", "zwei ü" } };
        Assert.True(BusHeaders.TryParse(headers.ToBlock()!, out var read, out var status, out _));
        Assert.Equal(headers, read);
        Assert.Equal(0, status);
        Assert.Equal("a:b c", read["nats-msg-id"]);
    }

    [Theory]
    [InlineData("NATS/1.0 503\r\n\r\n", 503, "")]
    [InlineData("NATS/1.0 408 Request Timeout\r\nNats-Pending-Messages: 2\r\n\r\n", 408, "Request Timeout")]
    public void A_status_line_is_read(string block, int status, string text)
    {
        Assert.True(BusHeaders.TryParse(Encoding.UTF8.GetBytes(block), out _, out var readStatus, out var readText));
        Assert.Equal((status, text), (readStatus, readText));
    }

    [Theory]
    [InlineData("")]
    [InlineData("NATS/1.0")]
    [InlineData("NATS/1.0\r\n")]
    [InlineData("HTTP/1.1\r\n\r\n")]
    [InlineData("NATS/1.0 abc\r\n\r\n")]
    [InlineData("NATS/1.0\r\nno colon\r\n\r\n")]
    [InlineData("NATS/1.0\r\n: x\r\n\r\n")]
    [InlineData("NATS/1.0\r\n\r\nmore")]
    public void A_broken_header_block_is_refused(string block) =>
        Assert.False(BusHeaders.TryParse(Encoding.UTF8.GetBytes(block), out _, out _, out _));

    [Theory]
    [InlineData("a b", "x")]
    [InlineData("", "x")]
    [InlineData("a:b", "x")]
    [InlineData("a", "x\r\nPUB evil 0\r\n")]
    public void A_header_that_would_break_the_block_is_refused(string key, string value) =>
        Assert.Throws<ArgumentException>(() => new BusHeaders { { key, value } });

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\r\nPUB evil 0\r\n\r\n")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("a..b")]
    [InlineData("a.*")]
    [InlineData("a.>")]
    public void A_subject_that_cannot_be_published_to_is_refused(string subject) =>
        Assert.Throws<ArgumentException>(() => BusSubject.CheckForPublish(subject));

    [Theory]
    [InlineData("nats://localhost", "localhost", 4222, false, null, null, null)]
    [InlineData("tls://bus.example:4443", "bus.example", 4443, true, null, null, null)]
    [InlineData("nats://me:p%40ss%3Aword@127.0.0.1:1", "127.0.0.1", 1, false, "me", "p@ss:word", null)]
    [InlineData("nats://s3cr3t@[::1]:4222", "::1", 4222, false, null, null, "s3cr3t")]
    public void A_url_is_read(string url, string host, int port, bool tls, string? user, string? password, string? token)
    {
        var server = Assert.Single(NatsServer.ParseList(url));
        Assert.Equal(new NatsServer(server.Host, port, tls, user, password, token), server);
        Assert.Equal(host, server.Host.Trim('[', ']'));
        Assert.DoesNotContain(password ?? token ?? "?", server.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("localhost:4222")]
    [InlineData("http://user:geheim@localhost")]
    [InlineData("nats://user:geheim@")]
    public void What_is_no_nats_url_is_refused_without_repeating_it(string url)
    {
        var e = Assert.Throws<ArgumentException>(() => NatsServer.ParseList(url));
        Assert.DoesNotContain("geheim", e.Message);
    }

    [Theory]
    [InlineData("$JS.ACK.EVENTS.control-events.2.17.9.1700000000123456700.4")]
    [InlineData("$JS.ACK.hub.acchash.EVENTS.control-events.2.17.9.1700000000123456700.4")]
    [InlineData("$JS.ACK.hub.acchash.EVENTS.control-events.2.17.9.1700000000123456700.4.token")]
    public void The_reply_subject_of_a_delivery_is_read_in_both_forms(string replyTo)
    {
        Assert.True(JetStreamMessage.Delivery.TryParse(replyTo, out var delivery));
        Assert.Equal((2, 17ul, 4ul), (delivery.Count, delivery.StreamSequence, delivery.Pending));
        Assert.Equal(1_700_000_000_123, delivery.StoredAt.ToUnixTimeMilliseconds());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("_INBOX.a.b.c.d.e.f.g.h")]
    [InlineData("$JS.ACK.EVENTS.c.x.17.9.1700000000123456700.4")]
    [InlineData("$JS.ACK.EVENTS.c.2.17.9.4")]
    public void Other_reply_subjects_are_no_delivery(string? replyTo) => Assert.False(JetStreamMessage.Delivery.TryParse(replyTo, out _));
}
