using System.Net;
using System.Text;
using Vms.WebRtc.Ice;
using Vms.WebRtc.Stun;

namespace Vms.WebRtc.Tests.Ice;

public sealed class IceLiteAgentTests
{
    private static readonly IceCredentials s_local = new("localfrag", "a password of some length");
    private static readonly TransportAddress s_a = Address("192.0.2.7", 5000);
    private static readonly TransportAddress s_b = Address("2001:db8::1", 5001);
    private readonly byte[] _response = new byte[IceLiteAgent.MaxResponseLength];

    [Fact]
    public void A_valid_check_validates_its_address_and_is_answered()
    {
        var agent = new IceLiteAgent(s_local, "remote", TimeSpan.Zero);
        Assert.Equal(IceCheckOutcome.Validated, Check(agent, s_a));
        Assert.True(agent.IsValidated(s_a));
        Assert.False(agent.IsValidated(s_b));
        Assert.False(agent.HasSelected);

        Assert.True(StunMessage.TryParse(Response(), out var answer));
        Assert.Equal(StunMessageType.BindingSuccess, answer.Type);
        Assert.True(answer.VerifyFingerprint() && answer.VerifyIntegrity(Encoding.ASCII.GetBytes(s_local.Password)));
        Assert.Equal(IceCheckOutcome.Refreshed, Check(agent, s_a));
    }

    [Fact]
    public void The_peer_nominates_and_may_move()
    {
        var agent = new IceLiteAgent(s_local, "remote", TimeSpan.Zero);
        Assert.Equal(IceCheckOutcome.Selected, Check(agent, s_a, nominate: true));
        Assert.Equal(s_a, agent.Selected);
        Assert.Equal(IceCheckOutcome.Validated, Check(agent, s_b));
        Assert.Equal(s_a, agent.Selected);
        Assert.Equal(IceCheckOutcome.Selected, Check(agent, s_b, nominate: true));
        Assert.Equal(s_b, agent.Selected);
    }

    [Theory]
    [InlineData("localfrag:remote", "wrong password")]
    [InlineData("otherfrag:remote", "a password of some length")]
    [InlineData("localfrag:other", "a password of some length")]
    [InlineData("localfrag", "a password of some length")]
    [InlineData("", "a password of some length")]
    public void Who_does_not_know_both_secrets_is_ignored(string username, string password)
    {
        var agent = new IceLiteAgent(s_local, "remote", TimeSpan.Zero);
        Assert.Equal(IceCheckOutcome.Ignored, Check(agent, s_a, username: username, password: password));
        Assert.False(agent.IsValidated(s_a));
    }

    [Fact]
    public void Before_the_peers_answer_its_fragment_may_be_any()
    {
        var agent = new IceLiteAgent(s_local, null, TimeSpan.Zero);
        Assert.Equal(IceCheckOutcome.Validated, Check(agent, s_a, username: "localfrag:whatever"));
        agent.SetRemoteFragment("remote");
        Assert.Equal(IceCheckOutcome.Ignored, Check(agent, s_b, username: "localfrag:whatever"));
    }

    [Fact]
    public void A_peer_that_thinks_itself_controlled_is_told_of_the_conflict()
    {
        var agent = new IceLiteAgent(s_local, "remote", TimeSpan.Zero);
        Assert.Equal(IceCheckOutcome.Refused, Check(agent, s_a, role: StunAttributeType.IceControlled));
        Assert.True(StunMessage.TryParse(Response(), out var answer));
        Assert.Equal(StunMessageType.BindingError, answer.Type);
        Assert.False(agent.IsValidated(s_a));
    }

    [Fact]
    public void Without_a_check_or_a_report_for_thirty_seconds_the_session_is_over()
    {
        var agent = new IceLiteAgent(s_local, "remote", TimeSpan.FromSeconds(100));
        Assert.False(agent.IsExpired(TimeSpan.FromSeconds(130)));
        Assert.True(agent.IsExpired(TimeSpan.FromSeconds(131)));
        Check(agent, s_a, now: TimeSpan.FromSeconds(131));
        Assert.False(agent.IsExpired(TimeSpan.FromSeconds(160)));
        agent.Hear(TimeSpan.FromSeconds(160));      // a report: pion does not check again while it receives
        Assert.False(agent.IsExpired(TimeSpan.FromSeconds(190)));
        Assert.True(agent.IsExpired(TimeSpan.FromSeconds(191)));
    }

    [Fact]
    public void The_selected_address_survives_any_number_of_others()
    {
        var agent = new IceLiteAgent(s_local, "remote", TimeSpan.Zero);
        Check(agent, s_a, nominate: true);
        for (int port = 1; port < 100; port++)
            Check(agent, Address("192.0.2.8", (ushort)port), now: TimeSpan.FromSeconds(port));
        Assert.True(agent.IsValidated(s_a));
        Assert.True(agent.IsValidated(Address("192.0.2.8", 99)));
        Assert.False(agent.IsValidated(Address("192.0.2.8", 1)));
    }

    [Fact]
    public void A_mapped_address_is_the_IPv4_address()
    {
        Assert.Equal(Address("192.0.2.7", 5000), Address("::ffff:192.0.2.7", 5000));
        Assert.Equal("udp 192.0.2.7:5000", Address("::ffff:192.0.2.7", 5000).ToString());
        Assert.Equal(new IPEndPoint(IPAddress.Parse("2001:db8::1"), 5001), s_b.ToEndPoint());
    }

    [Fact]
    public void Credentials_are_long_enough_and_differ()
    {
        var one = IceCredentials.Generate();
        var two = IceCredentials.Generate();
        Assert.NotEqual(one.UserFragment, two.UserFragment);
        Assert.NotEqual(one.Password, two.Password);
        Assert.True(IceCredentials.IsUserFragment(one.UserFragment) && IceCredentials.IsPassword(one.Password));
    }

    private static TransportAddress Address(string address, ushort port) =>
        TransportAddress.From(new IPEndPoint(IPAddress.Parse(address), port), IceTransport.Udp);

    private int _responseLength;

    private byte[] Response() => _response[.._responseLength];

    private IceCheckOutcome Check(
        IceLiteAgent agent, TransportAddress from, bool nominate = false, string username = "localfrag:remote",
        string password = "a password of some length", StunAttributeType role = StunAttributeType.IceControlling, TimeSpan now = default)
    {
        var buffer = new byte[256];
        var builder = new StunMessageBuilder(buffer, StunMessageType.BindingRequest, new byte[12]);
        if (username.Length > 0)
            builder.AddUsername(Encoding.ASCII.GetBytes(username));
        builder.AddIceRole(role, 1);
        if (nominate)
            builder.AddUseCandidate();
        builder.AddIntegrity(Encoding.ASCII.GetBytes(password));
        builder.AddFingerprint();
        Assert.True(StunMessage.TryParse(buffer.AsSpan(0, builder.Length), out var request));
        return agent.HandleRequest(request, from, now, _response, out _responseLength);
    }
}
