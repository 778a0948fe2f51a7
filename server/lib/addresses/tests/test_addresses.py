"""Which addresses are of the public internet, and which of a cloud's metadata."""

from ipaddress import ip_address

import pytest

from server.lib.addresses import is_metadata, is_public


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("100.64.0.1", "100.127.255.255", "169.254.169.254", "192.0.0.9", "192.0.2.1", "192.88.99.1"),
        *("192.31.196.1", "192.52.193.1", "192.175.48.1", "198.18.0.1", "198.19.255.255", "198.51.100.1"),
        *("203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16"),
    ],
)
def test_a_special_ipv4_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("::", "::1", "::8.8.8.8", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::ffff:0:8.8.8.8"),
        *("64:ff9b::8.8.8.8", "64:ff9b::7f00:1", "64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff::1", "100::1"),
        *("fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "ff0e::1", "5f00::1", "4000::1"),
        *("2001::1", "2001:2::1", "2001:20::1", "2001:1ff:ffff::1", "2001:db8::1", "2002:808:808::1"),
        *("2620:4f:8000::1", "3ffe::1", "3fff::1", "3fff:fff:ffff::1"),
        *("2a00:1450::5efe:8.8.8.8", "2a00:1450::200:5efe:10.0.0.1", "fe80::5efe:10.0.0.1"),
    ],
)
def test_a_special_ipv6_address_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1"),
        *("192.0.1.1", "192.88.98.1", "192.169.0.1", "198.17.0.1", "198.20.0.1", "223.255.255.254"),
        *(
            "2000::1",
            "2001:200::1",
            "2003::1",
            "2606:4700:4700::1111",
            "2a00:1450:4001::2004",
            "3fff:1000::1",
        ),
    ],
)
def test_a_server_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("169.254.169.254", "169.254.170.2", "169.254.42.42", "100.100.100.200", "168.63.129.16"),
        *("192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42", "fe80::a9fe:a9fe"),
        *("::169.254.169.254", "::ffff:169.254.169.254", "::ffff:0:169.254.169.254", "64:ff9b::a9fe:a9fe"),
        *(
            "64:ff9b:1::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "2001:0:0:0:0:0:5601:5601",
            "fd00::5efe:169.254.169.254",
        ),
    ],
)
def test_a_metadata_service_is_known_however_it_is_written(address: str) -> None:
    assert is_metadata(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "10.0.0.1", "100.100.100.201", "fd00::1", "::1", "2606:4700::1"]
)
def test_another_address_is_no_metadata_service(address: str) -> None:
    assert not is_metadata(ip_address(address))
