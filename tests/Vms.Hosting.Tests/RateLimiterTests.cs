using System.Net;

namespace Vms.Hosting.Tests;

public sealed class RateLimiterTests
{
    private readonly RateLimiter _limiter = new(perMinute: 60);
    private TimeSpan _now = TimeSpan.FromHours(1);

    [Fact]
    public void A_bucket_holds_a_minutes_worth_and_fills_evenly()
    {
        Assert.Equal(60, Enumerable.Range(0, 100).Count(_ => _limiter.Take("a", _now) == TimeSpan.Zero));
        Assert.Equal(1, _limiter.Take("a", _now).TotalSeconds, 3);
        _now += TimeSpan.FromSeconds(0.4);
        Assert.Equal(0.6, _limiter.Take("a", _now).TotalSeconds, 3);
        _now += TimeSpan.FromSeconds(0.6);
        Assert.Equal(TimeSpan.Zero, _limiter.Take("a", _now));
        Assert.NotEqual(TimeSpan.Zero, _limiter.Take("a", _now));
        Assert.Equal(TimeSpan.Zero, _limiter.Take("b", _now));

        _now += TimeSpan.FromHours(1);      // it never holds more
        Assert.Equal(60, Enumerable.Range(0, 100).Count(_ => _limiter.Take("a", _now) == TimeSpan.Zero));
    }

    [Fact]
    public void Waiting_as_long_as_it_says_is_enough()
    {
        for (int i = 0; i < 60; i++)
            _limiter.Take("a", _now);
        for (int i = 0; i < 200; i++)
        {
            _now += _limiter.Take("a", _now);
            Assert.Equal(TimeSpan.Zero, _limiter.Take("a", _now));
        }
    }

    [Fact]
    public void A_key_with_ten_shares_has_ten_times_as_much()
    {
        Assert.Equal(600, Enumerable.Range(0, 1000).Count(_ => _limiter.Take("office", _now, share: 10) == TimeSpan.Zero));
        _now += TimeSpan.FromSeconds(1);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => _limiter.Take("office", _now, share: 10) == TimeSpan.Zero));
    }

    [Fact]
    public void Without_a_limit_nothing_is_kept()
    {
        var none = new RateLimiter(0);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Equal(TimeSpan.Zero, none.Take("a", _now)));
        Assert.Equal(0, none.Keys);
    }

    [Fact]
    public void Made_up_keys_neither_fill_the_memory_nor_set_free_the_one_who_is_stopped()
    {
        for (int i = 0; i < 60; i++)
            _limiter.Take("greedy", _now);
        for (int i = 0; i < 3 * RateLimiter.MaxKeys; i++)
        {
            Assert.Equal(TimeSpan.Zero, _limiter.Take("made up " + i, _now));
            Assert.InRange(_limiter.Keys, 1, RateLimiter.MaxKeys);
        }

        Assert.NotEqual(TimeSpan.Zero, _limiter.Take("greedy", _now));

        _now += TimeSpan.FromMinutes(2);    // all are full again: the next one to come finds room by forgetting them
        for (int i = 0; i < RateLimiter.MaxKeys; i++)
            _limiter.Take("later " + i, _now);
        Assert.InRange(_limiter.Keys, 1, RateLimiter.MaxKeys);
    }

    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7")]
    [InlineData("::ffff:10.0.0.7", "10.0.0.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::ffff", "2001:db8:1:2::/64")]
    public void An_address_is_its_key_and_an_IPv6_network_counts_as_one(string address, string key) =>
        Assert.Equal(key, RateLimiter.KeyOf(IPAddress.Parse(address)));
}
