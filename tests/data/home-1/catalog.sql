BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE articles (
	article TEXT NOT NULL, 
	source_id TEXT NOT NULL, 
	urlkey TEXT NOT NULL, 
	first_seen DATETIME NOT NULL, 
	last_seen DATETIME NOT NULL, 
	versions INTEGER NOT NULL, 
	PRIMARY KEY (article)
);
INSERT INTO "articles" VALUES('0ee6742ac34157635f734b79c4df47fa','demo-faro','test,hemeroteca,faro)/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','2026-11-24 09:38:42.777105','2026-11-24 09:38:42.777105',1);
INSERT INTO "articles" VALUES('fa9ae5844951ff32577e690eb3126623','demo-faro','test,hemeroteca,faro)/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','2026-11-24 09:38:42.779016','2026-11-24 09:38:47.402193',1);
INSERT INTO "articles" VALUES('1107d8beee4628c72fe7ab43d372c9e7','demo-faro','test,hemeroteca,faro)/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html','2026-11-24 09:38:47.392384','2026-11-24 09:38:47.392384',1);
INSERT INTO "articles" VALUES('144890d633bbdac63ed2fe849848e6a3','demo-faro','test,hemeroteca,faro)/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html','2026-11-24 09:38:47.388642','2026-11-24 09:38:47.388642',1);
INSERT INTO "articles" VALUES('8dd03ee0fb2ef4b72043fc4b110fe668','demo-faro','test,hemeroteca,faro)/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','2026-11-24 09:38:42.774546','2026-11-24 09:38:47.404327',2);
INSERT INTO "articles" VALUES('b490816c880c466352fe4131184001bc','demo-faro','test,hemeroteca,faro)/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html','2026-11-24 09:38:47.395933','2026-11-24 09:38:47.395933',1);
CREATE TABLE captures (
	record_id TEXT NOT NULL, 
	record_type TEXT NOT NULL, 
	target_uri TEXT NOT NULL, 
	urlkey TEXT NOT NULL, 
	urlkey_head TEXT NOT NULL, 
	date DATETIME NOT NULL, 
	status INTEGER NOT NULL, 
	media_type TEXT, 
	payload_digest TEXT, 
	record_digest TEXT NOT NULL, 
	refers_to TEXT, 
	refers_to_uri TEXT, 
	refers_to_date DATETIME, 
	truncated TEXT, 
	location_key TEXT NOT NULL, 
	location_offset BIGINT NOT NULL, 
	location_length BIGINT NOT NULL, 
	request_key TEXT, 
	request_offset BIGINT, 
	request_length BIGINT, 
	crawl_id TEXT NOT NULL, 
	source_id TEXT NOT NULL, 
	night TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	via TEXT, 
	redirected_from JSON NOT NULL, 
	PRIMARY KEY (record_id)
);
INSERT INTO "captures" VALUES('urn:uuid:75b209d2-33d3-4844-a390-69be248dd990','response','http://faro.hemeroteca.test/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','test,hemeroteca,faro)/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','test,hemeroteca,faro)/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','2026-11-24 09:38:42.777105',200,'text/html','sha1:7SHVX7NXQSNVP5SZNW6BPX7KPJSSRN4C','sha256:0b8168ae397e8f21eb8db9a925158878cd568a39700f0ab820a552ed256e846e',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',9056,2726,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',11782,524,'demo-faro-20261123-nightly','demo-faro','2026-11-23','article','article','http://faro.hemeroteca.test/atom.xml','[]');
INSERT INTO "captures" VALUES('urn:uuid:0bd05867-2181-4cb9-b9c3-4923b011148e','response','http://faro.hemeroteca.test/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','test,hemeroteca,faro)/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','test,hemeroteca,faro)/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','2026-11-24 09:38:42.779016',200,'text/html','sha1:FHUB3B7QQDWVGREUSMAZKE4XF5M6IUZZ','sha256:51c7b8c364e57bdb93b2db3939150acc0e078bb822b83ded0dc19290afc3fead',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',12833,2947,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',15780,523,'demo-faro-20261123-nightly','demo-faro','2026-11-23','article','article','http://faro.hemeroteca.test/atom.xml','[]');
INSERT INTO "captures" VALUES('urn:uuid:3e84f631-e62a-4e25-914a-622323043812','response','http://faro.hemeroteca.test/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','2026-11-24 09:38:42.774546',200,'text/html','sha1:SWWLUBPQIVQCQLVZ472MS44G6HZ2VCS6','sha256:6d41be2873e995e978d19bdfd7666ae3003526eb771793ccc37d4e43e77b2568',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',5195,2808,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',8003,525,'demo-faro-20261123-nightly','demo-faro','2026-11-23','article','article','http://faro.hemeroteca.test/atom.xml','[]');
INSERT INTO "captures" VALUES('urn:uuid:f418295f-40b7-4995-aab4-fe5eba502b3c','response','http://faro.hemeroteca.test/atom.xml','test,hemeroteca,faro)/atom.xml','test,hemeroteca,faro)/atom.xml','2026-11-24 09:38:42.766224',200,'application/atom+xml','sha1:E7ET45XEDXM2XD2LXSOIIU3IVFUGYAJL','sha256:e84923a7093d58c7ead6be2918f2614d0ed4261e13336ae9da9ea8fd6653c697',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',1863,2402,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',4265,478,'demo-faro-20261123-nightly','demo-faro','2026-11-23','feed','feed','card','[]');
INSERT INTO "captures" VALUES('urn:uuid:06a2765f-1317-46c1-aecc-deb25858320c','response','http://faro.hemeroteca.test/robots.txt','test,hemeroteca,faro)/robots.txt','test,hemeroteca,faro)/robots.txt','2026-11-24 09:38:42.761645',200,'text/plain','sha1:S4UPGTIJBPKHI7SAFMCY23Y5GH5T72K7','sha256:3e499b84be28eb52931a492c812ae6893fc43b85430ba5b22ab86d86f194ed84',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',420,520,'warc/demo-faro/2026/11/23/demo-faro-20261123-nightly-dab75186-00000.warc.gz',940,477,'demo-faro-20261123-nightly','demo-faro','2026-11-23','robots','robots',NULL,'[]');
INSERT INTO "captures" VALUES('urn:uuid:bbbf4c6f-d767-41d9-88d1-53dddb0bd660','response','http://courier.hemeroteca.test/2026/11/24/arts/a-small-museum-in-cawden-bridge-gets-its-great-altarpiece-2.html','test,hemeroteca,courier)/2026/11/24/arts/a-small-museum-in-cawden-bridge-gets-its-great-altarpiece-2.html','test,hemeroteca,courier)/2026/11/24/arts/a-small-museum-in-cawden-bridge-gets-its-great-altarpiece-2.html','2026-11-24 09:38:46.023109',200,'text/html','sha1:WGPOL3LRF5KP2RNBYGOU6XQHL5D4DD5B','sha256:97fcf9181b18a54f216a205c2c9637166a0fa3c3360ef90e4b6ae02e9727b588',NULL,NULL,NULL,NULL,'warc/demo-courier/2026/11/24/demo-courier-20261124-nightly-29f5d2b1-00000.warc.gz',9004,2663,'warc/demo-courier/2026/11/24/demo-courier-20261124-nightly-29f5d2b1-00000.warc.gz',11667,528,'demo-courier-20261124-nightly','demo-courier','2026-11-24','article','article','http://courier.hemeroteca.test/atom.xml','[]');
INSERT INTO "captures" VALUES('urn:uuid:d392a73b-2643-4baa-abf4-162042d786e2','response','http://courier.hemeroteca.test/2026/11/24/business/orchards-around-little-orrin-start-picking-two-weeks-early-1.html','test,hemeroteca,courier)/2026/11/24/business/orchards-around-little-orrin-start-picking-two-weeks-early-1.html','test,hemeroteca,courier)/2026/11/24/business/orchards-around-little-orrin-start-picking-two-weeks-early-1.html','2026-11-24 09:38:45.716537',200,'text/html','sha1:CJXERRXCFY2S6DERUX2WEUILDXVQH64E','sha256:504f4cf1e8ca341d8d82aaa5167775b227f39466acaccda6bf25f7489a290850',NULL,NULL,NULL,NULL,'warc/demo-courier/2026/11/24/demo-courier-20261124-nightly-29f5d2b1-00000.warc.gz',5250,2690,'warc/demo-courier/2026/11/24/demo-courier-20261124-nightly-29f5d2b1-00000.warc.gz',7940,532,'demo-courier-20261124-nightly','demo-courier','2026-11-24','article','article','http://courier.hemeroteca.test/atom.xml','[]');
INSERT INTO "captures" VALUES('urn:uuid:b3e6514f-2ac7-4aac-8fe5-b1fabf31aa3c','response','http://courier.hemeroteca.test/atom.xml','test,hemeroteca,courier)/atom.xml','test,hemeroteca,courier)/atom.xml','2026-11-24 09:38:45.410148',200,'application/atom+xml','sha1:JJEWJZVIB4GIFQDOQVA6SWUPYZ75HZFN','sha256:35025bbf387d8d303e8f2111ac14a91140ba907279697388f9c50f547ce01889',NULL,NULL,NULL,NULL,'warc/demo-courier/2026/11/24/demo-courier-20261124-nightly-29f5d2b1-00000.warc.gz',1873,2444,'warc/demo-courier/2026/11/24/demo-courier-20261124-nightly-29f5d2b1-00000.warc.gz',4317,478,'demo-courier-20261124-nightly','demo-courier','2026-11-24','feed','feed','card','[]');
INSERT INTO "captures" VALUES('urn:uuid:fe9e1a67-b544-4fd3-b55e-ebf97d0c9224','response','http://courier.hemeroteca.test/robots.txt','test,hemeroteca,courier)/robots.txt','test,hemeroteca,courier)/robots.txt','2026-11-24 09:38:45.104340',200,'text/plain','sha1:ORGJQ3SUMG3JNSNOV5NKQEHBVJ6KHWFB','sha256:f12ede34b8f549b273958b8113eec55b028fa922fdcfa59ee48c4a0a66e5bc24',NULL,NULL,NULL,NULL,'warc/demo-courier/2026/11/24/demo-courier-20261124-nightly-29f5d2b1-00000.warc.gz',421,527,'warc/demo-courier/2026/11/24/demo-courier-20261124-nightly-29f5d2b1-00000.warc.gz',948,478,'demo-courier-20261124-nightly','demo-courier','2026-11-24','robots','robots',NULL,'[]');
INSERT INTO "captures" VALUES('urn:uuid:c93fdd96-5ea3-4228-a485-84fe995ccdce','response','http://faro.hemeroteca.test/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','test,hemeroteca,faro)/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','test,hemeroteca,faro)/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','2026-11-24 09:38:47.399606',410,'text/html','sha1:QDQ2UWXNR46VONIRAVJ2E52IED4X75OC','sha256:b977d8b93c080da9f7c307b2f6a2490c7d8b970a7c0e34a67b400a30b4984df4',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',16955,1067,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',18022,525,'demo-faro-20261124-nightly','demo-faro','2026-11-24','article','article','known','[]');
INSERT INTO "captures" VALUES('urn:uuid:a274a1f9-bc2e-4b56-a456-2f9eb1fa2442','revisit','http://faro.hemeroteca.test/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','test,hemeroteca,faro)/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','test,hemeroteca,faro)/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','2026-11-24 09:38:47.402193',304,NULL,'sha1:FHUB3B7QQDWVGREUSMAZKE4XF5M6IUZZ','sha256:d8bb75819be3345557ba30449270ee3c6d5d2e7590ee6dde50827821d6da5d09','urn:uuid:0bd05867-2181-4cb9-b9c3-4923b011148e','http://faro.hemeroteca.test/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','2026-11-24 09:38:42.779016',NULL,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',19046,622,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',19668,549,'demo-faro-20261124-nightly','demo-faro','2026-11-24','article','article','known','[]');
INSERT INTO "captures" VALUES('urn:uuid:96b074df-216f-4a2b-8a57-0a818432ff7e','response','http://faro.hemeroteca.test/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','2026-11-24 09:38:47.404327',200,'text/html','sha1:D5M67GWWL43X3FLPDXGW4K5PIAJMKNI4','sha256:892dc1076a9d0ffec31ff4cc6d8ce09d4a60c44c43bc921ae5eda3acd8709494',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',20669,2854,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',23523,527,'demo-faro-20261124-nightly','demo-faro','2026-11-24','article','article','known','[]');
INSERT INTO "captures" VALUES('urn:uuid:c0489350-019b-4685-85e8-095866fe7b0b','response','http://faro.hemeroteca.test/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html','test,hemeroteca,faro)/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html','test,hemeroteca,faro)/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html','2026-11-24 09:38:47.392384',200,'text/html','sha1:7G74KLEQCTDNA3O3NNY2EDOMVDDOQBKL','sha256:877e08cf87d369757e6d0d127e2c1959a0c9a9078b57673967921992e8bac252',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',9097,2780,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',11877,524,'demo-faro-20261124-nightly','demo-faro','2026-11-24','article','article','http://faro.hemeroteca.test/atom.xml','[]');
INSERT INTO "captures" VALUES('urn:uuid:b7f1d39b-ed68-4bfc-8c7f-b68dd9c1103d','response','http://faro.hemeroteca.test/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html','test,hemeroteca,faro)/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html','test,hemeroteca,faro)/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html','2026-11-24 09:38:47.395933',200,'text/html','sha1:SIF3HF3HKDZFJNKFXH4ZLQLSFG5KRMDI','sha256:db624e2e6814a3c7f67a6b5b4cb7aaef97ad78bab818c1461e82e54d270d0168',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',12927,2990,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',15917,518,'demo-faro-20261124-nightly','demo-faro','2026-11-24','article','article','http://faro.hemeroteca.test/atom.xml','[]');
INSERT INTO "captures" VALUES('urn:uuid:751e072f-d810-4c1a-b869-e0dfcd9384a5','response','http://faro.hemeroteca.test/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html','2026-11-24 09:38:47.388642',200,'text/html','sha1:V7HFILWNISUNCVAJ3TAGJZHY5YNXPMUV','sha256:0e9bfaa2a1d3167495d03bb8a9ac589e72319891dcde2a4bfa0cfedce9015fe5',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',5240,2799,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',8039,529,'demo-faro-20261124-nightly','demo-faro','2026-11-24','article','article','http://faro.hemeroteca.test/atom.xml','[]');
INSERT INTO "captures" VALUES('urn:uuid:e0abfa8b-79db-4704-a60b-cfc1a09a6c8d','response','http://faro.hemeroteca.test/atom.xml','test,hemeroteca,faro)/atom.xml','test,hemeroteca,faro)/atom.xml','2026-11-24 09:38:47.375300',200,'application/atom+xml','sha1:43ZSFOR5ZKU2GIHC7U6Z5NG24UW3RZAB','sha256:2e0d19645ea7485a33806cfaff948b4a13546279921b58e9b283c8e47081d768',NULL,NULL,NULL,NULL,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',1916,2396,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',4312,476,'demo-faro-20261124-nightly','demo-faro','2026-11-24','feed','feed','card','[]');
INSERT INTO "captures" VALUES('urn:uuid:26451e45-e663-42ae-9159-ce7c44734d22','revisit','http://faro.hemeroteca.test/robots.txt','test,hemeroteca,faro)/robots.txt','test,hemeroteca,faro)/robots.txt','2026-11-24 09:38:47.371653',200,'text/plain','sha1:S4UPGTIJBPKHI7SAFMCY23Y5GH5T72K7','sha256:890a52019699be4420567d35d3562d7d9e8fbdc35e021edbc3911aefee22d253','urn:uuid:06a2765f-1317-46c1-aecc-deb25858320c','http://faro.hemeroteca.test/robots.txt','2026-11-24 09:38:42.761645',NULL,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',419,576,'warc/demo-faro/2026/11/24/demo-faro-20261124-nightly-c2838c3b-00000.warc.gz',995,477,'demo-faro-20261124-nightly','demo-faro','2026-11-24','robots','robots',NULL,'[]');
CREATE TABLE cleanings (
	manifest_key TEXT NOT NULL, 
	crawl_manifest TEXT NOT NULL, 
	extractor_id TEXT NOT NULL, 
	ended DATETIME NOT NULL, 
	documents INTEGER NOT NULL, 
	PRIMARY KEY (manifest_key)
);
INSERT INTO "cleanings" VALUES('manifests/text/2026/11/23/demo-faro-20261123-nightly-trafilatura-2.3.1-71eea3db.json','manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json','trafilatura-2.3.1-71eea3db','2026-11-24 09:38:43.518489',3);
INSERT INTO "cleanings" VALUES('manifests/text/2026/11/24/demo-faro-20261124-nightly-trafilatura-2.3.1-71eea3db.json','manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','trafilatura-2.3.1-71eea3db','2026-11-24 09:38:48.025925',4);
CREATE TABLE crawl_counts (
	manifest_key TEXT NOT NULL, 
	purpose TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT, 
	urls INTEGER NOT NULL
);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json','article','captured',NULL,3);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json','article','refused','scope',9);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json','feed','captured',NULL,1);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json','robots','captured',NULL,1);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','article','captured',NULL,2);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','article','failed','interrupted',1);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','article','refused','scope',10);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','feed','captured',NULL,1);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','robots','captured',NULL,1);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','article','captured',NULL,4);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','article','failed','http_410',1);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','article','not_modified',NULL,1);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','article','refused','scope',9);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','feed','captured',NULL,1);
INSERT INTO "crawl_counts" VALUES('manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','robots','unchanged',NULL,1);
CREATE TABLE crawls (
	manifest_key TEXT NOT NULL, 
	crawl_id TEXT NOT NULL, 
	source_id TEXT NOT NULL, 
	night TEXT NOT NULL, 
	"trigger" TEXT NOT NULL, 
	started DATETIME NOT NULL, 
	ended DATETIME NOT NULL, 
	end_reason TEXT NOT NULL, 
	discovered INTEGER NOT NULL, 
	wire_bytes BIGINT NOT NULL, 
	late BOOLEAN NOT NULL, 
	stands BOOLEAN NOT NULL, 
	previous TEXT, 
	PRIMARY KEY (manifest_key)
);
INSERT INTO "crawls" VALUES('manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json','demo-faro-20261123-nightly','demo-faro','2026-11-23','nightly','2026-11-24 09:38:41.510566','2026-11-24 09:38:42.791942','finished',14,22363,0,1,NULL);
INSERT INTO "crawls" VALUES('manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','demo-courier-20261124-nightly','demo-courier','2026-11-24','nightly','2026-11-24 09:38:43.692095','2026-11-24 09:38:46.093424','interrupted',15,20233,1,1,NULL);
INSERT INTO "crawls" VALUES('manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','demo-faro-20261124-nightly','demo-faro','2026-11-24','nightly','2026-11-24 09:38:46.197643','2026-11-24 09:38:47.407594','finished',17,29929,0,1,'manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json');
CREATE TABLE documents (
	record_id TEXT NOT NULL, 
	extractor_id TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	"row" INTEGER NOT NULL, 
	article TEXT NOT NULL, 
	url TEXT NOT NULL, 
	urlkey TEXT NOT NULL, 
	crawl_id TEXT NOT NULL, 
	night TEXT NOT NULL, 
	source_id TEXT NOT NULL, 
	title TEXT, 
	published TEXT, 
	language TEXT, 
	text_digest TEXT NOT NULL, 
	fetched_at DATETIME NOT NULL, 
	extracted_at DATETIME NOT NULL, 
	PRIMARY KEY (record_id, extractor_id)
);
INSERT INTO "documents" VALUES('urn:uuid:75b209d2-33d3-4844-a390-69be248dd990','trafilatura-2.3.1-71eea3db','documents/source=demo-faro/date=2026-11-23/demo-faro-20261123-nightly-trafilatura-2.3.1-71eea3db-5a07c006.parquet',0,'0ee6742ac34157635f734b79c4df47fa','http://faro.hemeroteca.test/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','test,hemeroteca,faro)/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','demo-faro-20261123-nightly','2026-11-23','demo-faro','El festival de Peñalonga mira este año hacia el sur','2026-11-23','es','sha256:c51af5d18ffa3bbe8cd82952b6490656ad67d490350867e4024b66d95ec0dce6','2026-11-24 09:38:42.777105','2026-11-24 09:38:43.518318');
INSERT INTO "documents" VALUES('urn:uuid:0bd05867-2181-4cb9-b9c3-4923b011148e','trafilatura-2.3.1-71eea3db','documents/source=demo-faro/date=2026-11-23/demo-faro-20261123-nightly-trafilatura-2.3.1-71eea3db-5a07c006.parquet',1,'fa9ae5844951ff32577e690eb3126623','http://faro.hemeroteca.test/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','test,hemeroteca,faro)/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','demo-faro-20261123-nightly','2026-11-23','demo-faro','Teresa Lumbreras bate en Puerto Alba la marca que nadie tocaba desde 2019','2026-11-23','es','sha256:da65456e3ca64c13f5556cb457014a99444062bb84f12448f24262b543e2bf2f','2026-11-24 09:38:42.779016','2026-11-24 09:38:43.518411');
INSERT INTO "documents" VALUES('urn:uuid:3e84f631-e62a-4e25-914a-622323043812','trafilatura-2.3.1-71eea3db','documents/source=demo-faro/date=2026-11-23/demo-faro-20261123-nightly-trafilatura-2.3.1-71eea3db-5a07c006.parquet',2,'8dd03ee0fb2ef4b72043fc4b110fe668','http://faro.hemeroteca.test/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','demo-faro-20261123-nightly','2026-11-23','demo-faro','Los viticultores de Peñalonga adelantan la vendimia dos semanas','2026-11-23','es','sha256:581af63c212d192e93b43108876caa2f7de4d14609273320f475fe7cb24ae8dd','2026-11-24 09:38:42.774546','2026-11-24 09:38:43.518431');
INSERT INTO "documents" VALUES('urn:uuid:96b074df-216f-4a2b-8a57-0a818432ff7e','trafilatura-2.3.1-71eea3db','documents/source=demo-faro/date=2026-11-24/demo-faro-20261124-nightly-trafilatura-2.3.1-71eea3db-9e0ea850.parquet',0,'8dd03ee0fb2ef4b72043fc4b110fe668','http://faro.hemeroteca.test/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','demo-faro-20261124-nightly','2026-11-24','demo-faro','Los viticultores de Peñalonga adelantan la vendimia dos semanas','2026-11-23','es','sha256:5c5fb6496a913f3e7645803745060c14c4641359bc4095fbfa057cc506fe8c4a','2026-11-24 09:38:47.404327','2026-11-24 09:38:48.025764');
INSERT INTO "documents" VALUES('urn:uuid:c0489350-019b-4685-85e8-095866fe7b0b','trafilatura-2.3.1-71eea3db','documents/source=demo-faro/date=2026-11-24/demo-faro-20261124-nightly-trafilatura-2.3.1-71eea3db-9e0ea850.parquet',1,'1107d8beee4628c72fe7ab43d372c9e7','http://faro.hemeroteca.test/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html','test,hemeroteca,faro)/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html','demo-faro-20261124-nightly','2026-11-24','demo-faro','El festival de Santa Quila mira este año hacia el sur','2026-11-24','es','sha256:137549721d5e015dfdbdbd9d8b50cb10b865450bdaa76842fdc8269cccf51f74','2026-11-24 09:38:47.392384','2026-11-24 09:38:48.025838');
INSERT INTO "documents" VALUES('urn:uuid:b7f1d39b-ed68-4bfc-8c7f-b68dd9c1103d','trafilatura-2.3.1-71eea3db','documents/source=demo-faro/date=2026-11-24/demo-faro-20261124-nightly-trafilatura-2.3.1-71eea3db-9e0ea850.parquet',2,'b490816c880c466352fe4131184001bc','http://faro.hemeroteca.test/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html','test,hemeroteca,faro)/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html','demo-faro-20261124-nightly','2026-11-24','demo-faro','El ciclismo vuelve a los puertos de Almirón','2026-11-24','es','sha256:1ba5fa7138e2292a39e1c0be0eb0192721a976caab16f719eca519c6f84d99a9','2026-11-24 09:38:47.395933','2026-11-24 09:38:48.025857');
INSERT INTO "documents" VALUES('urn:uuid:751e072f-d810-4c1a-b869-e0dfcd9384a5','trafilatura-2.3.1-71eea3db','documents/source=demo-faro/date=2026-11-24/demo-faro-20261124-nightly-trafilatura-2.3.1-71eea3db-9e0ea850.parquet',3,'144890d633bbdac63ed2fe849848e6a3','http://faro.hemeroteca.test/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html','test,hemeroteca,faro)/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html','demo-faro-20261124-nightly','2026-11-24','demo-faro','Los viticultores de Santa Quila adelantan la vendimia dos semanas','2026-11-24','es','sha256:eb8b88de6f82658cdccd71705222e211cceb3bad16901dd9c5ab8b39da2e7325','2026-11-24 09:38:47.388642','2026-11-24 09:38:48.025872');
CREATE TABLE publications (
	"key" TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "publications" VALUES('manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json','crawl');
INSERT INTO "publications" VALUES('manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','crawl');
INSERT INTO "publications" VALUES('manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json','crawl');
INSERT INTO "publications" VALUES('manifests/text/2026/11/23/demo-faro-20261123-nightly-trafilatura-2.3.1-71eea3db.json','text');
INSERT INTO "publications" VALUES('manifests/text/2026/11/24/demo-faro-20261124-nightly-trafilatura-2.3.1-71eea3db.json','text');
CREATE TABLE url_state (
	source_id TEXT NOT NULL, 
	url_id TEXT NOT NULL, 
	late_manifest TEXT NOT NULL, 
	url TEXT NOT NULL, 
	looks INTEGER NOT NULL, 
	last_night TEXT NOT NULL, 
	last_state TEXT NOT NULL, 
	last_purpose TEXT NOT NULL, 
	last_fetched DATETIME NOT NULL, 
	last_crawl TEXT NOT NULL, 
	held_rank INTEGER, 
	held_fetched DATETIME, 
	held_crawl TEXT, 
	record_id TEXT, 
	target_uri TEXT, 
	date DATETIME, 
	payload_digest TEXT, 
	body_digest TEXT, 
	etag TEXT, 
	last_modified TEXT, 
	PRIMARY KEY (source_id, url_id, late_manifest)
);
INSERT INTO "url_state" VALUES('demo-faro','02440878ee9a589f88a4c16698b6dde5','','http://faro.hemeroteca.test/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html',2,'2026-11-24','failed','article','2026-11-24 09:38:47.399606','demo-faro-20261124-nightly',1,'2026-11-24 09:38:42.777105','demo-faro-20261123-nightly','urn:uuid:75b209d2-33d3-4844-a390-69be248dd990','http://faro.hemeroteca.test/2026/11/23/cultura/el-festival-de-penalonga-mira-este-ano-hacia-el-sur-2.html','2026-11-24 09:38:42.777105','sha1:7SHVX7NXQSNVP5SZNW6BPX7KPJSSRN4C','cfdbedf11d09e0c4f5254c1c9e62eae48034d0f099e8bd0f3d687398c44eb460',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-faro','ba1727b7c80c61157c84dd0f67b07203','','http://faro.hemeroteca.test/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html',2,'2026-11-24','not_modified','article','2026-11-24 09:38:47.402193','demo-faro-20261124-nightly',1,'2026-11-24 09:38:42.779016','demo-faro-20261123-nightly','urn:uuid:0bd05867-2181-4cb9-b9c3-4923b011148e','http://faro.hemeroteca.test/2026/11/23/deportes/teresa-lumbreras-bate-en-puerto-alba-la-marca-que-nadie-3.html','2026-11-24 09:38:42.779016','sha1:FHUB3B7QQDWVGREUSMAZKE4XF5M6IUZZ','bef0bfb2ce86d2439ff6b1a3acf6c8a9b8ca6210e8d19bb30ab24f782e7c9eb8','"3bc073f0bbac06a4"',NULL);
INSERT INTO "url_state" VALUES('demo-faro','220e693b688d3b6f898ed04c088932ce','','http://faro.hemeroteca.test/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html',2,'2026-11-24','captured','article','2026-11-24 09:38:47.404327','demo-faro-20261124-nightly',1,'2026-11-24 09:38:47.404327','demo-faro-20261124-nightly','urn:uuid:96b074df-216f-4a2b-8a57-0a818432ff7e','http://faro.hemeroteca.test/2026/11/23/economia/los-viticultores-de-penalonga-adelantan-la-vendimia-dos-1.html','2026-11-24 09:38:47.404327','sha1:D5M67GWWL43X3FLPDXGW4K5PIAJMKNI4','60cde21c19b0147afc49157792b5250feeb56bd8432b6ef43753926d86ef8f90',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-faro','79a632833216da3a49f3ef9ca818b676','','http://faro.hemeroteca.test/atom.xml',2,'2026-11-24','captured','feed','2026-11-24 09:38:47.375300','demo-faro-20261124-nightly',1,'2026-11-24 09:38:47.375300','demo-faro-20261124-nightly','urn:uuid:e0abfa8b-79db-4704-a60b-cfc1a09a6c8d','http://faro.hemeroteca.test/atom.xml','2026-11-24 09:38:47.375300','sha1:43ZSFOR5ZKU2GIHC7U6Z5NG24UW3RZAB','04b0e87b66e828b4049a88465556ccbfa88d9e1cef7067203c90fcf7e361dd95',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-faro','6e95d8b3d0d0b821766779620f1edf51','','http://faro.hemeroteca.test/robots.txt',2,'2026-11-24','unchanged','robots','2026-11-24 09:38:47.371653','demo-faro-20261124-nightly',1,'2026-11-24 09:38:47.371653','demo-faro-20261124-nightly','urn:uuid:06a2765f-1317-46c1-aecc-deb25858320c','http://faro.hemeroteca.test/robots.txt','2026-11-24 09:38:42.761645','sha1:S4UPGTIJBPKHI7SAFMCY23Y5GH5T72K7','f615ac1b9ef04585cd60e9de943b59145ed4b4529df266345dbe76aa4f966fb3',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-courier','1218af6267c0c77ee154955054446c7d','manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','http://courier.hemeroteca.test/2026/11/24/arts/a-small-museum-in-cawden-bridge-gets-its-great-altarpiece-2.html',1,'2026-11-24','captured','article','2026-11-24 09:38:46.023109','demo-courier-20261124-nightly',1,'2026-11-24 09:38:46.023109','demo-courier-20261124-nightly','urn:uuid:bbbf4c6f-d767-41d9-88d1-53dddb0bd660','http://courier.hemeroteca.test/2026/11/24/arts/a-small-museum-in-cawden-bridge-gets-its-great-altarpiece-2.html','2026-11-24 09:38:46.023109','sha1:WGPOL3LRF5KP2RNBYGOU6XQHL5D4DD5B','a0e4ddfbbfb1049d5cf4d3f6ba5a5b95b07faeca3c3d791d493930c2957769a7',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-courier','a4b67be948886d0b939fcf0779d02318','manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','http://courier.hemeroteca.test/2026/11/24/business/orchards-around-little-orrin-start-picking-two-weeks-early-1.html',1,'2026-11-24','captured','article','2026-11-24 09:38:45.716537','demo-courier-20261124-nightly',1,'2026-11-24 09:38:45.716537','demo-courier-20261124-nightly','urn:uuid:d392a73b-2643-4baa-abf4-162042d786e2','http://courier.hemeroteca.test/2026/11/24/business/orchards-around-little-orrin-start-picking-two-weeks-early-1.html','2026-11-24 09:38:45.716537','sha1:CJXERRXCFY2S6DERUX2WEUILDXVQH64E','9ee04db99b621878491f4ae0eee729cb8e513d5ac78e07ca5638b8e55ef7b0c3',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-courier','3e3b435631e21ea45b435d4cffd5f535','manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','http://courier.hemeroteca.test/atom.xml',1,'2026-11-24','captured','feed','2026-11-24 09:38:45.410148','demo-courier-20261124-nightly',1,'2026-11-24 09:38:45.410148','demo-courier-20261124-nightly','urn:uuid:b3e6514f-2ac7-4aac-8fe5-b1fabf31aa3c','http://courier.hemeroteca.test/atom.xml','2026-11-24 09:38:45.410148','sha1:JJEWJZVIB4GIFQDOQVA6SWUPYZ75HZFN','ab5d7411501d16215e76e106caf821ef2c00b9855994cc9ed82b78f6066214ff',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-courier','5653fe22d2e64a4e3f8fe9ba10a4fd11','manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json','http://courier.hemeroteca.test/robots.txt',1,'2026-11-24','captured','robots','2026-11-24 09:38:45.104340','demo-courier-20261124-nightly',1,'2026-11-24 09:38:45.104340','demo-courier-20261124-nightly','urn:uuid:fe9e1a67-b544-4fd3-b55e-ebf97d0c9224','http://courier.hemeroteca.test/robots.txt','2026-11-24 09:38:45.104340','sha1:ORGJQ3SUMG3JNSNOV5NKQEHBVJ6KHWFB','6f2acc21698c34441e280c2869512e91db91d601ad08bb20e811360c260d5294',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-faro','b67c2bed2c41cecde4704cb10c74d443','','http://faro.hemeroteca.test/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html',1,'2026-11-24','captured','article','2026-11-24 09:38:47.392384','demo-faro-20261124-nightly',1,'2026-11-24 09:38:47.392384','demo-faro-20261124-nightly','urn:uuid:c0489350-019b-4685-85e8-095866fe7b0b','http://faro.hemeroteca.test/2026/11/24/cultura/el-festival-de-santa-quila-mira-este-ano-hacia-el-sur-2.html','2026-11-24 09:38:47.392384','sha1:7G74KLEQCTDNA3O3NNY2EDOMVDDOQBKL','183e01cae871439b9c89bbdefdd1cc0c32f58655c2bea5b6e9fe0923d7c84707',NULL,NULL);
INSERT INTO "url_state" VALUES('demo-faro','e7b525fff0667ad6b5ee7f2c007b5917','','http://faro.hemeroteca.test/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html',1,'2026-11-24','captured','article','2026-11-24 09:38:47.395933','demo-faro-20261124-nightly',1,'2026-11-24 09:38:47.395933','demo-faro-20261124-nightly','urn:uuid:b7f1d39b-ed68-4bfc-8c7f-b68dd9c1103d','http://faro.hemeroteca.test/2026/11/24/deportes/el-ciclismo-vuelve-a-los-puertos-de-almiron-3.html','2026-11-24 09:38:47.395933','sha1:SIF3HF3HKDZFJNKFXH4ZLQLSFG5KRMDI','d2a56ddd8ba70a63b9e8c7c4c996662d609eede870d3252f21bdde535ab7e556','"f9de04625972772c"',NULL);
INSERT INTO "url_state" VALUES('demo-faro','8954474b32203b2736eb25a46a9d24da','','http://faro.hemeroteca.test/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html',1,'2026-11-24','captured','article','2026-11-24 09:38:47.388642','demo-faro-20261124-nightly',1,'2026-11-24 09:38:47.388642','demo-faro-20261124-nightly','urn:uuid:751e072f-d810-4c1a-b869-e0dfcd9384a5','http://faro.hemeroteca.test/2026/11/24/economia/los-viticultores-de-santa-quila-adelantan-la-vendimia-dos-1.html','2026-11-24 09:38:47.388642','sha1:V7HFILWNISUNCVAJ3TAGJZHY5YNXPMUV','8b684bc2828e65972f666b3d24a9e1be389498ae83e83a721f816fd9d6cfc19d',NULL,NULL);
CREATE TABLE versions (
	article TEXT NOT NULL, 
	extractor_id TEXT NOT NULL, 
	text_digest TEXT NOT NULL, 
	first_record_id TEXT NOT NULL, 
	first_fetched_at DATETIME NOT NULL, 
	last_fetched_at DATETIME NOT NULL, 
	PRIMARY KEY (article, extractor_id, text_digest)
);
INSERT INTO "versions" VALUES('0ee6742ac34157635f734b79c4df47fa','trafilatura-2.3.1-71eea3db','sha256:c51af5d18ffa3bbe8cd82952b6490656ad67d490350867e4024b66d95ec0dce6','urn:uuid:75b209d2-33d3-4844-a390-69be248dd990','2026-11-24 09:38:42.777105','2026-11-24 09:38:42.777105');
INSERT INTO "versions" VALUES('fa9ae5844951ff32577e690eb3126623','trafilatura-2.3.1-71eea3db','sha256:da65456e3ca64c13f5556cb457014a99444062bb84f12448f24262b543e2bf2f','urn:uuid:0bd05867-2181-4cb9-b9c3-4923b011148e','2026-11-24 09:38:42.779016','2026-11-24 09:38:42.779016');
INSERT INTO "versions" VALUES('1107d8beee4628c72fe7ab43d372c9e7','trafilatura-2.3.1-71eea3db','sha256:137549721d5e015dfdbdbd9d8b50cb10b865450bdaa76842fdc8269cccf51f74','urn:uuid:c0489350-019b-4685-85e8-095866fe7b0b','2026-11-24 09:38:47.392384','2026-11-24 09:38:47.392384');
INSERT INTO "versions" VALUES('144890d633bbdac63ed2fe849848e6a3','trafilatura-2.3.1-71eea3db','sha256:eb8b88de6f82658cdccd71705222e211cceb3bad16901dd9c5ab8b39da2e7325','urn:uuid:751e072f-d810-4c1a-b869-e0dfcd9384a5','2026-11-24 09:38:47.388642','2026-11-24 09:38:47.388642');
INSERT INTO "versions" VALUES('8dd03ee0fb2ef4b72043fc4b110fe668','trafilatura-2.3.1-71eea3db','sha256:581af63c212d192e93b43108876caa2f7de4d14609273320f475fe7cb24ae8dd','urn:uuid:3e84f631-e62a-4e25-914a-622323043812','2026-11-24 09:38:42.774546','2026-11-24 09:38:42.774546');
INSERT INTO "versions" VALUES('8dd03ee0fb2ef4b72043fc4b110fe668','trafilatura-2.3.1-71eea3db','sha256:5c5fb6496a913f3e7645803745060c14c4641359bc4095fbfa057cc506fe8c4a','urn:uuid:96b074df-216f-4a2b-8a57-0a818432ff7e','2026-11-24 09:38:47.404327','2026-11-24 09:38:47.404327');
INSERT INTO "versions" VALUES('b490816c880c466352fe4131184001bc','trafilatura-2.3.1-71eea3db','sha256:1ba5fa7138e2292a39e1c0be0eb0192721a976caab16f719eca519c6f84d99a9','urn:uuid:b7f1d39b-ed68-4bfc-8c7f-b68dd9c1103d','2026-11-24 09:38:47.395933','2026-11-24 09:38:47.395933');
CREATE INDEX captures_by_urlkey ON captures (urlkey_head, date);
CREATE INDEX captures_by_crawl ON captures (crawl_id);
CREATE INDEX documents_by_article ON documents (article);
CREATE INDEX crawls_by_crawl ON crawls (crawl_id);
CREATE INDEX crawls_by_night ON crawls (night);
CREATE INDEX crawls_by_source ON crawls (source_id, ended);
CREATE INDEX crawl_counts_by_manifest ON crawl_counts (manifest_key);
CREATE INDEX cleanings_by_crawl ON cleanings (crawl_manifest);
COMMIT;
